import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Out } from '../memory/cell'
import { layout } from '../memory/layout'
import { createSharedMemory, type MachineOptions } from '../machine'
import { ACTIVATION } from '../kernel/cpus'
import { constant } from './constants'
import type { IoRequest } from './io-manager'
import { createDeviceGuest, IRP } from './test-device'

const SUCCESS = 0
const PENDING = constant('STATUS_PENDING')
const CANCELLED = constant('STATUS_CANCELLED')
const REFUSED = constant('STATUS_DEVICE_NOT_READY')
const CSQ_BYTES = layout('IO_CSQ').SIZE
const CONTEXT = layout('IO_CSQ_IRP_CONTEXT', 'Irp')

interface Queueing {
  readonly ex?: boolean
  readonly refuse?: boolean
  readonly context?: boolean
  readonly machine?: MachineOptions
}
/** A driver that keeps its reads in a cancel-safe queue. `refuse` makes its insert routine say no. */
function queueing(options: Queueing = {}) {
  const guest = createDeviceGuest(options.machine)
  const { kernel, io } = guest.machine
  const { cpus } = kernel
  const irps: number[] = []
  const calls: string[] = []
  const csq = guest.memory(CSQ_BYTES)
  const context = options.context ? guest.memory(CONTEXT.SIZE) : 0
  const lock = guest.memory(8)
  guest.call('KeInitializeSpinLock', lock)
  const underLock = (name: string): void => void calls.push(`${name} at ${cpus.irql()}`)
  const insert = (_csq: number, irp: number): number => {
    underLock('insert')
    if (options.refuse) return REFUSED
    irps.push(irp)
    return SUCCESS
  }
  const remove = (_csq: number, irp: number): void => {
    underLock('remove')
    irps.splice(irps.indexOf(irp), 1)
  }
  const peek = (_csq: number, irp: number): number => irps[irp === 0 ? 0 : irps.indexOf(irp) + 1] ?? 0
  const acquire = (_csq: number, irql: Out): void => void guest.call('KeAcquireSpinLock', lock, irql)
  const release = (_csq: number, irql: number): void => void guest.call('KeReleaseSpinLock', lock, irql)
  const completeCanceled = (_csq: number, irp: number): void => {
    underLock('complete')
    guest.complete(irp, CANCELLED)
  }
  const routines = [insert, remove, peek, acquire, release, completeCanceled]
  guest.call(options.ex ? 'IoCsqInitializeEx' : 'IoCsqInitialize', csq, ...routines)
  for (const major of ['IRP_MJ_CREATE', 'IRP_MJ_CLOSE']) guest.handle(major, guest.succeed)
  const removeNext = (): number => guest.call('IoCsqRemoveNextIrp', csq, 0)
  guest.handle('IRP_MJ_CLEANUP', (device, irp) => {
    for (let next = removeNext(); next !== 0; next = removeNext()) guest.complete(next, CANCELLED)
    return guest.succeed(device, irp)
  })
  guest.handle('IRP_MJ_READ', (_device, irp) => {
    if (!options.ex) guest.call('IoCsqInsertIrp', csq, irp, context)
    else if (guest.call('IoCsqInsertIrpEx', csq, irp, context, 0) !== SUCCESS) return guest.complete(irp, REFUSED)
    return PENDING
  })
  guest.device('Net')
  return { guest, io, csq, context, irps, calls, removeNext, file: io.open('Net').file! }
}

describe('IoCsqInitialize, IoCsqInsertIrp, IoCsqRemoveNextIrp (WDM)', () => {
  test('requests wait, marked pending, and come out in the order of the driver', () => {
    const { guest, io, file, irps, calls, removeNext } = queueing()
    const requests = [io.beginRead(file, 4), io.beginRead(file, 4)]
    expect(irps.length).toBe(2)
    expect(calls).toEqual(['insert at 2', 'insert at 2'])
    expect(guest.machine.kernel.cpus.irql()).toBe(0)
    guest.complete(removeNext(), SUCCESS, 0)
    expect(requests.map(({ done }) => done)).toEqual([true, false])
    guest.complete(removeNext(), SUCCESS, 0)
    expect(removeNext()).toBe(0)
    expect(guest.broken()).toEqual([])
  })
  test('cancellation takes a request out under the lock and completes it outside of it', () => {
    const { guest, io, file, irps, calls } = queueing()
    const [first, second] = [io.beginRead(file, 4), io.beginRead(file, 4)]
    expect(io.cancel(first)).toBe(true)
    expect([first.status, second.done, irps.length]).toEqual([CANCELLED, false, 1])
    expect(calls.slice(2)).toEqual(['remove at 2', 'complete at 0'])
    expect(guest.machine.kernel.cpus.irql()).toBe(0)
    io.close(file)
    expect(second.status).toBe(CANCELLED)
    expect(guest.broken()).toEqual([])
  })
  test('a request that was cancelled before it came is completed at once', () => {
    const { guest, io, file, csq } = queueing()
    const { space } = guest.machine.kernel
    guest.handle('IRP_MJ_WRITE', (_device, irp) => {
      space.w8(irp + IRP.Cancel, 1)
      guest.call('IoCsqInsertIrp', csq, irp, 0)
      return PENDING
    })
    const request = io.beginWrite(file, Uint8Array.of(1))
    expect([request.done, request.status]).toEqual([true, CANCELLED])
    expect(guest.broken()).toEqual([])
  })
  test('requests that are being cancelled are passed over; a queue that repeats them for ever is reported', () => {
    const { guest, io, file, irps, removeNext } = queueing()
    io.beginRead(file, 4)
    io.beginRead(file, 4)
    const [first, second] = irps as [number, number]
    // What IoCancelIrp does before the cancel routine gets the lock of the queue.
    guest.call('IoSetCancelRoutine', first, 0)
    expect(removeNext()).toBe(second)
    expect(removeNext()).toBe(0)
    expect(guest.broken()).toEqual([])
    irps.push(first)
    guest.machine.kernel.space.w32(first + IRP.CancelRoutine, 0)
    expect(removeNext()).toBe(0)
    expect(guest.broken()).toEqual(['CsqEndlessQueue'])
  })
})

describe('IoCsqInitializeEx, IoCsqInsertIrpEx (WDM)', () => {
  test('the insert routine may refuse: the request is not pending then', () => {
    const { guest, io, file, irps } = queueing({ ex: true, refuse: true })
    guest.handle('IRP_MJ_READ', (_device, irp) => guest.complete(irp, REFUSED))
    expect(io.read(file, 4).status).toBe(REFUSED)
    const again = queueing({ ex: true, refuse: true })
    expect(again.io.read(again.file, 4).status).toBe(REFUSED)
    expect(irps).toEqual([])
    expect(again.guest.broken()).toEqual([])
  })
  test('or take it', () => {
    const { guest, io, file, removeNext } = queueing({ ex: true })
    const request = io.beginRead(file, 4)
    guest.complete(removeNext(), SUCCESS, 0)
    expect(request.status).toBe(SUCCESS)
    expect(guest.broken()).toEqual([])
  })
})

describe('IoCsqRemoveIrp (WDM)', () => {
  test('takes the request of a context, which knows whether it is still there', () => {
    const { guest, io, file, irps, csq, context } = queueing({ context: true })
    const { space } = guest.machine.kernel
    io.beginRead(file, 4)
    const [irp] = irps
    expect(space.r32(context + CONTEXT.Irp)).toBe(irp)
    expect(guest.call('IoCsqRemoveIrp', csq, context)).toBe(irp)
    expect([space.r32(context + CONTEXT.Irp), irps]).toEqual([0, []])
    expect(guest.call('IoCsqRemoveIrp', csq, context)).toBe(0)
    guest.complete(irp!, SUCCESS)
    expect(guest.broken()).toEqual([])
  })
  test('gives NULL when the request was cancelled or is being cancelled', () => {
    const { guest, io, file, irps, csq, context } = queueing({ context: true })
    const { space } = guest.machine.kernel
    const request = io.beginRead(file, 4)
    guest.call('IoSetCancelRoutine', irps[0], 0)
    expect(guest.call('IoCsqRemoveIrp', csq, context)).toBe(0)
    space.w32(irps[0]! + IRP.CancelRoutine, 0)
    const later = queueing({ context: true })
    const other = later.io.beginRead(later.file, 4)
    later.io.cancel(other)
    expect(later.guest.call('IoCsqRemoveIrp', later.csq, later.context)).toBe(0)
    expect([request.done, other.status]).toEqual([false, CANCELLED])
    expect(later.guest.broken()).toEqual([])
  })
})

describe('misuse', () => {
  test('a queue that was never initialized', () => {
    const { guest, io, file } = queueing()
    guest.handle('IRP_MJ_READ', (_device, irp) => {
      guest.call('IoCsqInsertIrp', guest.memory(CSQ_BYTES), irp, 0)
      return PENDING
    })
    expect(guest.crash(() => io.read(file, 4)).name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
  })
  test('what is no request, and a queue that is nowhere', () => {
    const { guest, csq } = queueing()
    guest.call('IoCsqInsertIrp', csq, guest.memory(IRP.SIZE), 0)
    guest.call('IoCsqInsertIrpEx', csq, guest.memory(IRP.SIZE), 0, 0)
    expect(guest.broken()).toEqual(['InvalidHandle', 'InvalidHandle'])
    guest.crash(() => guest.call('IoCsqRemoveNextIrp', 0x3f0_0000, 0))
    expect(guest.broken().at(-1)).toBe('InvalidPointer')
  })
})

describe('any order of reads, completions, cancellations and closing', () => {
  const memory = createSharedMemory(4 * 1024 * 1024)
  const step = fc.record({ kind: fc.constantFrom('read', 'dpc', 'cancel', 'idle', 'close'), pick: fc.nat(7) })

  test('ends each request once, on any number of CPUs', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 24 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(9999),
        (steps, cpus, seed) => {
          new Uint8Array(memory.buffer).fill(0)
          const { guest, io, removeNext, file } = queueing({ machine: { memory, cpus, seed, log: false } })
          const { scheduler, objects } = guest.machine.kernel
          const requests: IoRequest[] = []
          const run = (): void => {
            const irp = removeNext()
            if (irp !== 0) guest.complete(irp, SUCCESS, 0)
          }
          for (const { kind, pick } of steps) {
            const request = requests[pick % Math.max(1, requests.length)]
            if (kind === 'read') requests.push(io.beginRead(file, 4))
            else if (kind === 'dpc')
              scheduler.queueDpc(pick % cpus, { name: 'dpc', kind: ACTIVATION.DPC, irql: 2, run })
            else if (kind === 'cancel' && request) io.cancel(request)
            else if (kind === 'idle') guest.machine.driver.idle(50 * pick)
            else if (kind === 'close' && pick === 0) io.close(file)
          }
          io.closeAll()
          guest.machine.driver.idle(1000)
          const refused = constant('STATUS_INVALID_HANDLE')
          expect(requests.every(({ done, status }) => done && [SUCCESS, CANCELLED, refused].includes(status))).toBe(
            true,
          )
          let left = 0
          objects.forEach(({ kind }) => (left += ['IRP', 'file object'].includes(kind) ? 1 : 0))
          expect([left, guest.broken()]).toEqual([0, []])
        },
      ),
      { numRuns: 60 },
    )
  })
})
