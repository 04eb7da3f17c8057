import { describe, expect, test } from 'vitest'
import { MachineStopped } from '../kernel/bugcheck'
import { layout } from '../memory/layout'
import { createMachine, createSharedMemory } from '../machine'
import { apiByName, type ApiEntry } from '../ndis/api'
import { cell, createGuest, type Guest } from '../test-guest'

const MEMORY = 3 * 1024 * 1024
const { netBufferSide } = createMachine({ memory: createSharedMemory(MEMORY) })
const FUNCTIONS = Object.keys(netBufferSide.functions).map((name) => apiByName.get(name)!)
const NB = layout('NET_BUFFER', 'Next', 'CurrentMdl', 'CurrentMdlOffset', 'DataLength', 'MdlChain', 'DataOffset')
const NBL = layout('NET_BUFFER_LIST', 'FirstNetBuffer', 'Context')

/** A machine, and pointers of it to things that are broken in every member, to what is gone, and to nowhere. */
function setUp(): { guest: Guest; values: unknown[] } {
  const guest = createGuest({ memory: createSharedMemory(MEMORY) })
  const { space } = guest.machine.kernel
  const zeroed = (bytes: number): number => {
    const address = guest.memory(bytes)
    space.fill(address, bytes, 0)
    return address
  }
  const data = guest.memory(64)
  const mdl = guest.call('NdisAllocateMdl', 0, data, 64)
  const circle = guest.call('NdisAllocateMdl', 0, data, 64)
  space.w32(circle, circle)
  const netBuffer = (chain: number, current: number, offset: number, length: number): number => {
    const address = zeroed(NB.SIZE)
    space.w32(address + NB.MdlChain, chain)
    space.w32(address + NB.CurrentMdl, current)
    space.w32(address + NB.CurrentMdlOffset, offset)
    space.w32(address + NB.DataOffset, offset)
    space.w32(address + NB.DataLength, length)
    return address
  }
  const list = (first: number, context = 0): number => {
    const address = zeroed(NBL.SIZE)
    space.w32(address + NBL.FirstNetBuffer, first)
    space.w32(address + NBL.Context, context)
    return address
  }
  const good = netBuffer(mdl, mdl, 8, 40)
  const circular = netBuffer(circle, circle, 8, 40)
  const own = netBuffer(mdl, mdl, 8, 40)
  space.w32(own + NB.Next, own)
  const gone = cell()
  guest.call('NdisAllocateMemoryWithTag', gone, 200, 0x41414141)
  guest.call('NdisFreeMemory', gone.value, 200, 0)
  const wild = [
    0,
    1,
    -1,
    31,
    0x7fff_fff0,
    0xffff_fffe,
    0x6b6b_6b6b,
    2 ** 40,
    0.5,
    Number.NaN,
    undefined,
    null,
    cell(),
    'text',
  ]
  const broken = [
    gone.value, data, data + 1, mdl, zeroed(NBL.SIZE), good, good + 2, circular,
    netBuffer(0xffff_fff0, 0x10, 3, 9), netBuffer(mdl, 0x7fff_fff0, 8, 40), netBuffer(mdl, mdl, 0xffff_fff0, 0xffff_fff0),
    netBuffer(0, 0, 0, 100), netBuffer(mdl, mdl, 60, 40), list(good), list(circular), list(own), list(0xffff_fffc),
    list(gone.value, 0xffff_fff0), () => 0x7fff_fff1, () => mdl, () => undefined,
  ] // prettier-ignore
  return { guest, values: [...wild, ...broken] }
}

/** Calls the function with pairs of garbage; what was thrown beside a stop of the machine. */
function throwAt(entry: ApiEntry): string[] {
  const failures: string[] = []
  let { guest, values } = setUp()
  for (let first = 0; first < values.length; first++)
    for (let second = 0; second < (entry.params.length > 1 ? values.length : 1); second += 8) {
      const args = entry.params.map((_param, i) => values[(i === 0 ? first : second + 5 * i) % values.length])
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
  test('covers the data side of NET_BUFFERs', () => expect(FUNCTIONS.length).toBeGreaterThan(70))
  test.each(FUNCTIONS.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    expect(throwAt(entry)).toEqual([])
  })
})
