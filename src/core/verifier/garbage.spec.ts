import { describe, expect, test } from 'vitest'
import { MachineStopped } from '../kernel/bugcheck'
import { createMachine, createSharedMemory } from '../machine'
import { apiByName, type ApiEntry } from '../ndis/api'
import { cell, createGuest, type Guest } from '../test-guest'

const MEMORY = 4 * 1024 * 1024
const implemented = createMachine({ memory: createSharedMemory(MEMORY) }).functions

/** What works on packets, buffers and MDLs: whatever a driver passes ends in a violation, a status or a bugcheck. */
const FUNCTIONS = [...apiByName.values()].filter(
  ({ name }) => name in implemented && /Packet|PACKET|Buffer|BUFFER|Mdl|MDL/.test(name) && !/NetBuffer|NET_/.test(name),
)

/** A machine, and pointers of it to things of the wrong kind, to what is gone, and to nowhere. */
function setUp(platform: 'nt' | 'ce'): { guest: Guest; values: unknown[] } {
  const guest = createGuest({ platform, memory: createSharedMemory(MEMORY) })
  const [status, packetPool, bufferPool, packet, freed, buffer] = [cell(), cell(), cell(), cell(), cell(), cell()]
  guest.call('NdisAllocatePacketPool', status, packetPool, 4, 16)
  guest.call('NdisAllocateBufferPool', status, bufferPool, 4)
  guest.call('NdisAllocatePacket', status, packet, packetPool.value)
  guest.call('NdisAllocatePacket', status, freed, packetPool.value)
  guest.call('NdisFreePacket', freed.value)
  const data = guest.memory(64)
  guest.call('NdisAllocateBuffer', status, buffer, bufferPool.value, data, 64)
  const wild = [0, 1, -1, 0x7fff_fff0, 0xffff_fffe, 0x6b6b_6b6b, 2 ** 40, 0.5, Number.NaN, undefined, null, cell()]
  const wrong = [packetPool, bufferPool, packet, freed, buffer].map(({ value }) => value)
  return { guest, values: [...wild, ...wrong, data, data + 1, packet.value + 4, buffer.value + 28] }
}

/** Calls the function once with each pair of garbage; what was thrown beside a stop of the machine. */
function throwAt(entry: ApiEntry, platform: 'nt' | 'ce'): string[] {
  const failures: string[] = []
  let { guest, values } = setUp(platform)
  for (let first = 0; first < values.length; first++)
    for (let second = 0; second < values.length; second += 5) {
      const args = entry.params.map(({ direction }, i) =>
        direction === 'in' ? values[(i === 0 ? first : second + i) % values.length] : cell(),
      )
      try {
        guest.call(entry.name, ...args)
      } catch (thrown) {
        if (!(thrown instanceof MachineStopped)) failures.push(`(${args.map(String).join(', ')}): ${String(thrown)}`)
        ;({ guest, values } = setUp(platform))
      }
    }
  return failures
}

describe.each(['nt', 'ce'] as const)('garbage on %s', (platform) => {
  test('covers the functions', () => expect(FUNCTIONS.length).toBeGreaterThan(85))
  test.each(FUNCTIONS.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    expect(throwAt(entry, platform)).toEqual([])
  })
})
