import { describe, expect, test } from 'vitest'
import { cell } from '../test-guest'
import { constant } from './constants'
import { SIGNAL_STATE } from './event'
import { CONTROL } from './irp-layout'
import { createDeviceGuest, IRP, STACK, type DeviceGuest, type Dispatch } from './test-device'

const SUCCESS = 0
const PENDING = constant('STATUS_PENDING')
const CANCELLED = constant('STATUS_CANCELLED')
const MORE = constant('STATUS_MORE_PROCESSING_REQUIRED')

/** A guest with an open file whose reads go to the dispatch function. */
function reading(read: (guest: DeviceGuest) => Dispatch, options = {}) {
  const guest = createDeviceGuest(options)
  for (const major of ['IRP_MJ_CREATE', 'IRP_MJ_CLEANUP', 'IRP_MJ_CLOSE']) guest.handle(major, guest.succeed)
  const device = guest.device('Net', constant('DO_BUFFERED_IO'))
  guest.handle('IRP_MJ_READ', read(guest))
  const { io, kernel } = guest.machine
  return { guest, device, io, space: kernel.space, file: io.open('Net').file! }
}

describe('what a dispatch function may return (WDM rules MarkIrpPending, PendedCompletedRequest ...)', () => {
  const run = (read: (guest: DeviceGuest) => Dispatch): string[] => {
    const { guest, io, file } = reading(read)
    const request = io.beginRead(file, 4)
    if (!request.done) io.cancel(request)
    return guest.broken()
  }
  test('the status that it completed the request with', () => {
    expect(run((guest) => (_device, irp) => guest.complete(irp, constant('STATUS_END_OF_FILE')))).toEqual([])
    expect(
      run((guest) => (_device, irp) => {
        guest.complete(irp, constant('STATUS_END_OF_FILE'))
        return SUCCESS
      }),
    ).toEqual(['IrpStatusMismatch'])
  })
  test('STATUS_PENDING with IoMarkIrpPending, completed already or not', () => {
    expect(
      run((guest) => (_device, irp) => {
        guest.call('IoMarkIrpPending', irp)
        guest.complete(irp, SUCCESS)
        return PENDING
      }),
    ).toEqual([])
  })
  test('STATUS_PENDING without it is reported, and the reverse', () => {
    expect(run(() => () => PENDING)).toEqual(['MarkIrpPending'])
    expect(
      run((guest) => (_device, irp) => {
        guest.complete(irp, SUCCESS)
        return PENDING
      }),
    ).toEqual(['PendedCompletedRequest'])
    expect(
      run((guest) => (_device, irp) => {
        guest.call('IoMarkIrpPending', irp)
        return guest.complete(irp, SUCCESS)
      }),
    ).toEqual(['MarkIrpPending2'])
  })
  test('a request that nobody will complete', () => {
    expect(run(() => () => SUCCESS)).toEqual(['IrpProcessingComplete'])
  })
})

describe('IoCompleteRequest (WDM)', () => {
  test('a second time stops Windows with bug check 0x44', () => {
    const twice =
      (guest: DeviceGuest): Dispatch =>
      (_device, irp) => {
        guest.complete(irp, SUCCESS)
        guest.call('IoCompleteRequest', irp, 0)
        return SUCCESS
      }
    const { guest, io, file } = reading(twice)
    io.read(file, 4)
    expect(guest.broken()).toEqual(['DoubleCompletion'])
    const unchecked = reading(twice, { rules: false })
    const { name, code } = unchecked.guest.crash(() => unchecked.io.read(unchecked.file, 4))
    expect([name, code]).toEqual(['MULTIPLE_IRP_COMPLETE_REQUESTS', 0x44])
  })
  test('with STATUS_PENDING, or while a cancel routine is set, is reported (bug check 0xC9, 6 and 7)', () => {
    const pending = reading((guest) => (_device, irp) => {
      guest.call('IoMarkIrpPending', irp)
      return guest.complete(irp, PENDING)
    })
    pending.io.read(pending.file, 4)
    expect(pending.guest.broken()).toEqual(['IrpCompletedPending'])
    const cancellable = reading((guest) => (_device, irp) => {
      guest.call('IoSetCancelRoutine', irp, () => undefined)
      return guest.complete(irp, SUCCESS)
    })
    cancellable.io.read(cancellable.file, 4)
    expect(cancellable.guest.broken()).toEqual(['IrpCancelRoutineSet'])
  })
  test('a request whose stack location was overwritten stops the machine', () => {
    const { guest, io, file } = reading((of) => (_device, irp) => {
      of.machine.kernel.space.w8(irp + IRP.CurrentLocation, 9)
      return of.complete(irp, SUCCESS)
    })
    expect(guest.crash(() => io.read(file, 4)).name).toBe('INCONSISTENT_IRP')
  })
})

describe('calls that take a request', () => {
  const calls = [
    'IoGetCurrentIrpStackLocation', 'IoGetNextIrpStackLocation', 'IoMarkIrpPending', 'IoSetCancelRoutine', 'IoCancelIrp',
    'IoReuseIrp', 'IoCopyCurrentIrpStackLocationToNext', 'IoSkipCurrentIrpStackLocation', 'IoSetNextIrpStackLocation',
    'IoSetCompletionRoutine', 'IoGetRequestorProcessId', 'IoCompleteRequest', 'IoFreeIrp',
  ] as const // prettier-ignore
  test.each(calls)('%s refuses what is none, and faults without rules', (name) => {
    const guest = createDeviceGuest()
    guest.call(name, guest.memory(IRP.SIZE), 0, 0, 0, 0, 0)
    expect(guest.broken()).toEqual(['InvalidHandle'])
    const unchecked = createDeviceGuest({ rules: false })
    const { name: stop } = unchecked.crash(() => unchecked.call(name, 0x12_3458, 0, 0, 0, 0, 0))
    expect(stop).toBe(name === 'IoCompleteRequest' ? 'MULTIPLE_IRP_COMPLETE_REQUESTS' : 'PAGE_FAULT_IN_NONPAGED_AREA')
  })
  test('tell who made it', () => {
    const ids: number[] = []
    const { guest, io, file } = reading((of) => (device, irp) => {
      ids.push(of.call('IoGetRequestorProcessId', irp), of.call('IoIs32bitProcess', irp))
      return of.succeed(device, irp)
    })
    io.read(file, 4)
    expect(ids[0]).toBeGreaterThan(0)
    expect(ids[1]).toBe(1)
    expect(guest.call('IoGetRequestorProcessId', guest.call('IoAllocateIrp', 1, 0))).toBe(0)
  })
})

describe('the cancel lock (WDM IoAcquireCancelSpinLock, IoReleaseCancelSpinLock)', () => {
  test('raises to DISPATCH_LEVEL and back', () => {
    const guest = createDeviceGuest()
    const irql = cell()
    guest.call('IoAcquireCancelSpinLock', irql)
    const { cpus } = guest.machine.kernel
    expect([irql.value, cpus.irql(), cpus.locksHeld()]).toEqual([0, 2, 1])
    guest.call('IoReleaseCancelSpinLock', irql.value)
    expect([cpus.irql(), cpus.locksHeld()]).toEqual([0, 0])
    expect(guest.broken()).toEqual([])
  })
  test('is taken once and released by its holder', () => {
    const guest = createDeviceGuest()
    guest.call('IoReleaseCancelSpinLock', 0)
    guest.call('IoAcquireCancelSpinLock', cell())
    expect(guest.crash(() => guest.call('IoAcquireCancelSpinLock', cell())).name).toBe('SPIN_LOCK_ALREADY_OWNED')
    expect(guest.broken()).toEqual(['CancelSpinlock', 'CancelSpinlock'])
  })
  test('cannot be taken above DISPATCH_LEVEL', () => {
    const guest = createDeviceGuest()
    guest.call('KeRaiseIrql', 5, cell())
    expect(guest.crash(() => guest.call('IoAcquireCancelSpinLock', cell())).name).toBe('IRQL_NOT_LESS_OR_EQUAL')
  })
  test('that a cancel routine does not release is reported', () => {
    const { guest, io, file } = reading((of) => (_device, irp) => {
      of.call('IoMarkIrpPending', irp)
      of.call('IoSetCancelRoutine', irp, (_of: number, cancelled: number) => void of.complete(cancelled, CANCELLED))
      return PENDING
    })
    io.cancel(io.beginRead(file, 4))
    expect(guest.broken()).toEqual(['SpinLockBalanced'])
  })
  test('IoSetCancelRoutine gives the routine that was there; who finds none has lost the race', () => {
    const routine = (): void => undefined
    const { guest, io, file, space } = reading((of) => (_device, irp) => {
      const { functions } = of.machine
      const set = functions['IoSetCancelRoutine'] as (irp: number, routine: unknown) => unknown
      expect(set(irp, routine)).toBe(0)
      expect(space.r32(irp + IRP.CancelRoutine)).not.toBe(0)
      expect(set(irp, 0)).toBe(routine)
      expect(of.call('IoCancelIrp', irp)).toBe(0)
      expect(space.r8(irp + IRP.Cancel)).toBe(1)
      return of.complete(irp, CANCELLED)
    })
    expect(io.read(file, 4).status).toBe(CANCELLED)
    expect(guest.broken()).toEqual([])
  })
})

describe('requests between drivers (WDM IoAllocateIrp, IoCallDriver, IoSetCompletionRoutine ...)', () => {
  /** Sends a request of the driver's own to its device, whose device control function is given. */
  function sending(below: (guest: DeviceGuest) => Dispatch) {
    const guest = createDeviceGuest()
    const device = guest.device('Low')
    guest.handle('IRP_MJ_DEVICE_CONTROL', below(guest))
    const irp = guest.call('IoAllocateIrp', guest.machine.kernel.space.r8(device + 48), 0)
    const stack = guest.call('IoGetNextIrpStackLocation', irp)
    guest.machine.kernel.space.w8(stack + STACK.MajorFunction, constant('IRP_MJ_DEVICE_CONTROL'))
    return { guest, device, irp, space: guest.machine.kernel.space }
  }
  test('a completion routine gets its own request back and frees it', () => {
    const seen: number[] = []
    const { guest, device, irp } = sending((of) => (_device, of1) => of.complete(of1, SUCCESS, 5))
    const routine = (of: number, ended: number, context: number): number => {
      seen.push(of, ended, context, guest.machine.kernel.space.r32(ended + IRP.Information))
      guest.call('IoFreeIrp', ended)
      return MORE
    }
    guest.call('IoSetCompletionRoutine', irp, routine, 77, 1, 1, 1)
    expect(guest.call('IoCallDriver', device, irp)).toBe(SUCCESS)
    expect(seen).toEqual([0, irp, 77, 5])
    expect(guest.broken()).toEqual([])
  })
  test('it runs as it was set: on success, on error or on cancellation', () => {
    for (const [status, on, ran] of [
      [SUCCESS, [1, 0, 0], 1],
      [SUCCESS, [0, 1, 0], 0],
      [constant('STATUS_UNSUCCESSFUL'), [0, 1, 0], 1],
      [constant('STATUS_UNSUCCESSFUL'), [1, 0, 0], 0],
    ] as const) {
      let calls = 0
      const { guest, device, irp } = sending((of) => (_device, below) => of.complete(below, status))
      guest.call('IoSetCompletionRoutine', irp, () => (calls++, MORE), 0, ...on)
      guest.call('IoCallDriver', device, irp)
      expect(calls).toBe(ran)
      expect(guest.broken()).toEqual(ran ? [] : ['IoAllocateFree'])
    }
  })
  test('a request without one comes back to nobody', () => {
    const { guest, device, irp } = sending((of) => (_device, below) => of.complete(below, SUCCESS))
    guest.call('IoCallDriver', device, irp)
    expect(guest.broken()).toEqual(['IoAllocateFree'])
  })
  test('IoFreeIrp refuses a request of the I/O manager; IoReuseIrp makes one like new', () => {
    const { guest, io, file } = reading((of) => (device, irp) => {
      of.call('IoFreeIrp', irp)
      return of.succeed(device, irp)
    })
    io.read(file, 1)
    expect(guest.broken()).toEqual(['IoAllocateFree'])
    const irp = guest.call('IoAllocateIrp', 2, 0)
    guest.call('IoSetNextIrpStackLocation', irp)
    guest.call('IoReuseIrp', irp, constant('STATUS_NOT_SUPPORTED'))
    const { space } = guest.machine.kernel
    expect([space.r8(irp + IRP.CurrentLocation), space.r32(irp + IRP.Status) | 0]).toEqual([
      3,
      constant('STATUS_NOT_SUPPORTED'),
    ])
  })
  /** An upper device that hands its reads to a lower one with the given preparation. */
  function stacked(upper: (guest: DeviceGuest, irp: number, low: number) => number, low: Dispatch) {
    const guest = createDeviceGuest()
    const lower = guest.device('Low')
    const made: number[] = []
    guest.handle('IRP_MJ_READ', (device, irp) => (device === lower ? low(device, irp) : upper(guest, irp, lower)))
    const device = guest.device('High')
    const irp = guest.call('IoAllocateIrp', 2, 0)
    guest.machine.kernel.space.w8(guest.call('IoGetNextIrpStackLocation', irp) + STACK.MajorFunction, 3)
    guest.call('IoSetCompletionRoutine', irp, (_device: number, ended: number) => (made.push(ended), MORE), 0, 1, 1, 1)
    return { guest, irp, made, send: () => guest.call('IoCallDriver', device, irp), lower, device }
  }
  test('IoSkipCurrentIrpStackLocation passes the request on as it is', () => {
    const devices: number[] = []
    const { guest, send, made, irp, lower } = stacked(
      (of, request, low) => {
        of.call('IoSkipCurrentIrpStackLocation', request)
        return of.call('IoCallDriver', low, request)
      },
      (device, request) => {
        devices.push(device, guest.machine.kernel.space.r8(guest.stack(request) + STACK.MajorFunction))
        return guest.complete(request, SUCCESS)
      },
    )
    expect(send()).toBe(SUCCESS)
    expect(devices).toEqual([lower, 3])
    expect(made).toEqual([irp])
    expect(guest.broken()).toEqual([])
  })
  test('IoCopyCurrentIrpStackLocationToNext leaves room for a completion routine, which sees its own device', () => {
    const seen: number[] = []
    const { guest, send, made, device } = stacked(
      (of, request, low) => {
        of.call('IoCopyCurrentIrpStackLocationToNext', request)
        const routine = (own: number, ended: number): number => {
          seen.push(own, of.machine.kernel.space.r8(ended + IRP.PendingReturned))
          if (of.machine.kernel.space.r8(ended + IRP.PendingReturned)) of.call('IoMarkIrpPending', ended)
          return SUCCESS
        }
        of.call('IoSetCompletionRoutine', request, routine, 0, 1, 1, 1)
        return of.call('IoCallDriver', low, request)
      },
      (_device, request) => {
        guest.call('IoMarkIrpPending', request)
        guest.complete(request, SUCCESS)
        return PENDING
      },
    )
    expect(send()).toBe(PENDING)
    expect(seen).toEqual([device, 1])
    expect(made.length).toBe(1)
    expect(guest.broken()).toEqual([])
  })
  test('a request without a stack location left stops the machine', () => {
    const { guest, send, device } = stacked(
      (of, request) => {
        // To itself, without making use of the stack location: the third call finds none.
        of.machine.kernel.space.w8(of.stack(request) - STACK.SIZE, constant('IRP_MJ_READ'))
        return of.call('IoCallDriver', device, request)
      },
      () => SUCCESS,
    )
    expect(guest.crash(send).name).toBe('NO_MORE_IRP_STACK_LOCATIONS')
    const { guest: other } = stacked(
      () => 0,
      () => 0,
    )
    const irp = other.call('IoAllocateIrp', 1, 0)
    other.call('IoSetNextIrpStackLocation', irp)
    expect(other.crash(() => other.call('IoGetNextIrpStackLocation', irp)).name).toBe('NO_MORE_IRP_STACK_LOCATIONS')
  })
  test('IoCallDriver refuses what is no device', () => {
    const { guest, irp } = sending(() => () => SUCCESS)
    guest.call('IoCallDriver', guest.memory(184), irp)
    expect(guest.broken()).toEqual(['InvalidHandle'])
  })
})

describe('IoBuildDeviceIoControlRequest (WDM)', () => {
  function built(method: string, status: number) {
    const guest = createDeviceGuest()
    const { space } = guest.machine.kernel
    const device = guest.device('Low')
    guest.handle('IRP_MJ_DEVICE_CONTROL', (_device, irp) => {
      const buffer = space.r32(irp + IRP.SystemBuffer)
      expect(space.r32(guest.stack(irp) + CONTROL.OutputLength)).toBe(4)
      expect(space.r8(irp + IRP.RequestorMode)).toBe(constant('KernelMode'))
      if (method === 'METHOD_BUFFERED') space.w32(buffer, space.r32(buffer) + 1)
      return guest.complete(irp, status, 4)
    })
    const [input, output, event, block] = [4, 4, 16, 8].map((bytes) => guest.memory(bytes)) as [number, number, number, number] // prettier-ignore
    guest.call('NdisInitializeEvent', event)
    space.w32(input, 41)
    space.w32(output, 0)
    const code = guest.call('CTL_CODE', 0x12, 1, constant(method), 0)
    const irp = guest.call('IoBuildDeviceIoControlRequest', code, device, input, 4, output, 4, 0, event, block)
    return { guest, space, device, irp, output, event, block }
  }
  test('signals the event and fills the status block when it ends; the I/O manager frees it', () => {
    const { guest, space, device, irp, output, event, block } = built('METHOD_BUFFERED', SUCCESS)
    expect(guest.call('IoCallDriver', device, irp)).toBe(SUCCESS)
    expect([space.r32(output), space.r32(event + SIGNAL_STATE)]).toEqual([42, 1])
    expect([space.r32(block), space.r32(block + 4)]).toEqual([SUCCESS, 4])
    expect(guest.machine.kernel.objects.find(irp, 'IRP')).toBeUndefined()
    expect(guest.broken()).toEqual([])
  })
  test('copies nothing after an error', () => {
    const { guest, space, device, irp, output } = built('METHOD_BUFFERED', constant('STATUS_UNSUCCESSFUL'))
    guest.call('IoCallDriver', device, irp)
    expect(space.r32(output)).toBe(0)
  })
  test('is NULL for what is no device, and checks the buffers', () => {
    const { guest, device } = built('METHOD_NEITHER', SUCCESS)
    const build = (of: number, input: number): number =>
      guest.call('IoBuildDeviceIoControlRequest', 0, of, input, 8, 0, 0, 0, guest.memory(16), guest.memory(8))
    expect(build(guest.memory(184), guest.memory(8))).toBe(0)
    const freed = guest.memory(8)
    guest.call('NdisFreeMemory', freed, 8, 0)
    build(device, freed)
    expect(guest.broken()).toEqual(['InvalidHandle', 'DV:SpecialPoolUseAfterFree'])
  })
})
