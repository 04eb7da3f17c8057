import { describe, expect, test } from 'vitest'
import { MachineStopped } from '../kernel/bugcheck'
import { createMachine, createSharedMemory } from '../machine'
import { apiByName, type ApiEntry } from '../ndis/api'
import { cell, createGuest, type Guest } from '../test-guest'

const MEMORY = 3 * 1024 * 1024
const { executive } = createMachine({ memory: createSharedMemory(MEMORY) })
const FUNCTIONS = Object.keys(executive.functions).map((name) => apiByName.get(name)!)

/** A machine, and pointers of it to things of the wrong kind, to what is gone, and to nowhere. */
function setUp(): { guest: Guest; values: unknown[] } {
  const guest = createGuest({ memory: createSharedMemory(MEMORY) })
  const [wrapper, block] = [cell(), cell()]
  guest.call('NdisMInitializeWrapper', wrapper, guest.machine.driver.object, 0, 0)
  guest.call('NdisAllocateMemoryWithTag', block, 64, 0x41414141)
  guest.call('NdisFreeMemory', block.value, 64, 0)
  const item = guest.call('NdisAllocateIoWorkItem', 0)
  const lock = guest.call('NdisAllocateRWLock', 0)
  const data = guest.memory(256)
  const zeroes = guest.memory(256)
  guest.machine.kernel.space.fill(zeroes, 256, 0)
  const wild = [0, 1, -1, 0x7fff_fff0, 0xffff_fffe, 0x6b6b_6b6b, 2 ** 40, 0.5, Number.NaN, undefined, null, cell(), 31]
  return {
    guest,
    values: [...wild, wrapper.value, block.value, item, lock, data, data + 1, zeroes, zeroes + 64, 'text'],
  }
}

/** How far apart the values of two neighbouring parameters lie in the list. */
const SHIFT = 7

/** Calls the function with each piece of garbage in each place; what was thrown beside a stop of the machine. */
function throwAt(entry: ApiEntry): string[] {
  const failures: string[] = []
  let { guest, values } = setUp()
  for (let first = 0; first < values.length; first++) {
    const args = entry.params.map((_param, i) => values[(first + i * (i + SHIFT)) % values.length])
    try {
      guest.call(entry.name, ...args)
    } catch (thrown) {
      if (!(thrown instanceof MachineStopped)) failures.push(`(${args.map(String).join(', ')}): ${String(thrown)}`)
      ;({ guest, values } = setUp())
    }
  }
  return failures
}

describe('garbage', () => {
  test('covers everything beside the data path', () => expect(FUNCTIONS.length).toBeGreaterThan(130))
  test.each(FUNCTIONS.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    expect(throwAt(entry)).toEqual([])
  })
})
