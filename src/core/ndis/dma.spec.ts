import { describe, expect, test } from 'vitest'
import { MachineStopped } from '../kernel/bugcheck'
import { createSharedMemory } from '../machine'
import { createDmaGuest, type DmaGuest } from '../test-dma'

test('alignments (DDI ndismgetdmaalignment, ndisgetshareddataalignment)', () => {
  const guest = createDmaGuest()
  expect(guest.call('NdisMGetDmaAlignment', guest.adapter.handle)).toBe(1)
  expect(guest.call('NdisGetSharedDataAlignment')).toBe(64)
  expect(guest.broken()).toEqual([])
  guest.call('NdisMGetDmaAlignment', 0x1234)
  expect(guest.broken()).toEqual(['InvalidHandle'])
})
test('NDIS_PHYSICAL_ADDRESS_CONST makes a physical address of its halves (ndis.h)', () => {
  const guest = createDmaGuest()
  expect(guest.call64('NDIS_PHYSICAL_ADDRESS_CONST', 0x8765_4321, 1)).toBe(0x1_8765_4321n)
  expect(guest.call64('NDIS_PHYSICAL_ADDRESS_CONST', -1, -1)).toBe(0xffff_ffff_ffff_ffffn)
})

/** Arguments that no driver should pass: as a handle, as a pointer, as a length. */
function garbage(guest: DmaGuest): readonly unknown[] {
  const live = guest.memory(64)
  const mdl = guest.chain(100)
  guest.machine.mdls.setNext(mdl, mdl)
  const looped = guest.netBuffer(guest.chain(8), 0, 8)
  guest.machine.kernel.space.w32(looped, looped)
  // prettier-ignore
  return [
    0, 1, -1, 0.5, Number.NaN, 2 ** 40, undefined, null, 'text', {}, { QuadPart: {} }, 0x20_0000, live, live + 3,
    mdl, looped,
  ]
}
const NAMES = Object.keys(createDmaGuest().machine.dma.functions)

describe('whatever a driver passes is reported or stops the machine; nothing else is ever thrown', () => {
  test.each(NAMES.flatMap((name) => [[name, 0x5_0001] as const, [name, 0x6_0014] as const]))(
    '%s, version %i',
    (name, version) => {
      for (let first = 0; first < 16; first += 3) {
        const guest = createDmaGuest({ memory: createSharedMemory(3 * 1024 * 1024) }, version)
        const { handle } = guest.adapter
        const registered = version > 0x6_0000 ? guest.register(() => 0) : handle
        guest.call('NdisMAllocateMapRegisters', handle, 0, 1, 4, 1514)
        const values = garbage(guest)
        const args = Array.from({ length: 6 }, (_unused, i) => values[(first + i * 3) % values.length])
        for (const owner of [values[first], handle, registered])
          try {
            guest.atDispatch(() => guest.call(name, owner, ...args.slice(1)))
          } catch (thrown) {
            const call = `${name}(${String(owner)}, ${args.slice(1).map(String).join(', ')})`
            expect(thrown, call).toBeInstanceOf(MachineStopped)
          }
      }
    },
  )
})
