import { describe, expect, test } from 'vitest'
import { MachineStopped } from '../kernel/bugcheck'
import { createMachine, createSharedMemory } from '../machine'
import { apiByName, type ApiEntry } from '../ndis/api'
import { cell } from '../test-guest'
import { createStackGuest, LIST, OID, OWN_ADDRESS, type StackGuest } from '../test-stack6'

const MEMORY = 3 * 1024 * 1024
const { executive } = createMachine({ memory: createSharedMemory(MEMORY) })
const FUNCTIONS = Object.keys(executive.network.stacks6.functions).map((name) => apiByName.get(name)!)

/** A stack that runs, and pointers and handles of it: right, of the wrong kind, gone, broken, and nowhere. */
function setUp(): { guest: StackGuest; values: unknown[] } {
  const guest = createStackGuest({ memory: createSharedMemory(MEMORY) })
  const { space } = guest.machine.kernel
  const miniport = guest.miniport()
  const module = guest.filter('filter')
  const protocol = guest.protocol('protocol')
  guest.start()
  const lists = (source: number): number => guest.lists(source, OWN_ADDRESS, OWN_ADDRESS)
  const circle = lists(protocol.handle)
  space.w32(space.r32(circle + LIST.Next) + LIST.Next, circle)
  const wildNetBuffer = lists(miniport.handle)
  space.w32(wildNetBuffer + LIST.FirstNetBuffer, 0xffff_fff0)
  const wildMdl = lists(miniport.handle)
  space.w32(space.r32(wildMdl + LIST.FirstNetBuffer) + 8, 0x7fff_fff1)
  const wildNext = lists(protocol.handle)
  space.w32(wildNext + LIST.Next, 0x6b6b_6b6b)
  const freed = lists(protocol.handle)
  guest.call('NdisFreeNetBufferList', freed)
  const data = guest.memory(256)
  const zeroes = guest.memory(256)
  space.fill(zeroes, 256, 0)
  const request = guest.request('NdisRequestQueryInformation', 'OID_GEN_STATISTICS', [0, 0, 0, 0])
  const wildRequest = guest.request('NdisRequestSetInformation', 'OID_GEN_CURRENT_PACKET_FILTER', [0, 0, 0, 0])
  space.w32(wildRequest + OID['DATA.QUERY_INFORMATION.InformationBuffer'], 0x7fff_fff0)
  space.w32(wildRequest + OID['DATA.QUERY_INFORMATION.InformationBufferLength'], 0xffff_fff0)
  return {
    guest,
    values: [
      protocol.handle, module.handle, miniport.handle, protocol.driver, module.driver, lists(protocol.handle), request,
      0, 1, -1, 31, 0x7fff_fff0, 0xffff_fffe, 0x6b6b_6b6b, 2 ** 40, 0.5, Number.NaN, undefined, null, cell(), 'text',
      lists(module.handle), lists(miniport.handle), circle, wildNetBuffer, wildMdl, wildNext, freed, data, data + 1, zeroes,
      wildRequest, guest.characteristics('PROTOCOL', {}), guest.characteristics('FILTER', {}),
    ],
  } // prettier-ignore
}

/** Calls the function with combinations of garbage; what was thrown beside a stop of the machine. */
function throwAt(entry: ApiEntry): string[] {
  const failures: string[] = []
  let { guest, values } = setUp()
  for (let first = 0; first < values.length; first++)
    for (let second = 0; second < (entry.params.length > 1 ? values.length : 1); second += first < 7 ? 6 : 19) {
      const args = entry.params.map((_param, i) => values[(i === 0 ? first : second + 7 * (i - 1)) % values.length])
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
  test('covers the stacks of NDIS 6', () => expect(FUNCTIONS.length).toBeGreaterThan(40))
  test.each(FUNCTIONS.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    expect(throwAt(entry)).toEqual([])
  })
})
