import { describe, expect, test } from 'vitest'
import { MachineStopped } from '../kernel/bugcheck'
import { createMachine, createSharedMemory } from '../machine'
import { apiByName, type ApiEntry } from '../ndis/api'
import { irpTable } from '../ndis/api/irp.table'
import { createDeviceGuest, type DeviceGuest } from '../ndis/test-device'
import { cell } from '../test-guest'

const MEMORY = 3 * 1024 * 1024
const OLDER = /^(Io(?!.*Mdl)|ObDereferenceObject|Ndis(M?(Register|Deregister)Device|GetDeviceReservedExtension))/
const { functions } = createMachine({ memory: createSharedMemory(MEMORY) })
const NAMES = new Set([
  ...irpTable.map(({ name }) => name),
  ...Object.keys(functions).filter((name) => OLDER.test(name)),
])
const FUNCTIONS = [...NAMES].filter((name) => name in functions).map((name) => apiByName.get(name)!)

/** A machine with requests under way, and pointers of it to things of the wrong kind, to what is gone, and to nowhere. */
function setUp(): { guest: DeviceGuest; values: unknown[] } {
  const guest = createDeviceGuest({ memory: createSharedMemory(MEMORY) })
  guest.handle('IRP_MJ_CREATE', guest.succeed)
  const irps: number[] = []
  guest.handle('IRP_MJ_READ', (_device, irp) => {
    guest.call('IoMarkIrpPending', irp)
    irps.push(irp)
    return 0x103
  })
  const device = guest.device('Net')
  const { io } = guest.machine
  const { file } = io.open('Net')
  io.beginRead(file!, 8)
  io.beginRead(file!, 8)
  const [done, pending] = irps as [number, number]
  guest.complete(done, 0)
  const own = guest.call('IoAllocateIrp', 1, 0)
  const data = guest.memory(256)
  const zeroes = guest.memory(256)
  guest.machine.kernel.space.fill(zeroes, 256, 0)
  const name = guest.text('\\Device\\Net')
  const wild = [0, 1, -1, 0x7fff_fff0, 0xffff_fffe, 0x6b6b_6b6b, 2 ** 40, 0.5, Number.NaN, undefined, null, cell(), 31]
  const real = [device, file!.object, done, pending, own, name, guest.machine.driver.object]
  return { guest, values: [...wild, ...real, data, data + 1, zeroes, zeroes + 64, 'text'] }
}

/** Calls the function with pairs of garbage; what was thrown beside a stop of the machine. */
function throwAt(entry: ApiEntry): string[] {
  const failures: string[] = []
  let { guest, values } = setUp()
  for (let first = 0; first < values.length; first++)
    for (let second = 0; second < (entry.params.length > 1 ? values.length : 1); second += 13) {
      const args = entry.params.map((_param, i) => values[(i === 0 ? first : second + i) % values.length])
      try {
        guest.call(entry.name, ...args)
      } catch (thrown) {
        if (!(thrown instanceof MachineStopped)) failures.push(`(${args.map(String).join(', ')}): ${String(thrown)}`)
        ;({ guest, values } = setUp())
      }
    }
  return failures
}

describe('garbage for devices and I/O requests', () => {
  test('covers all of their functions', () => expect(FUNCTIONS.length).toBeGreaterThan(38))
  test.each(FUNCTIONS.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    expect(throwAt(entry)).toEqual([])
  })
})
