import { expect, test } from 'vitest'
import { MachineStopped } from '../kernel/bugcheck'
import { createSharedMemory } from '../machine'
import { createDmaGuest } from '../test-dma'

test('alignments (DDI ndismgetdmaalignment, ndisgetshareddataalignment)', () => {
  const guest = createDmaGuest()
  expect(guest.call('NdisMGetDmaAlignment', guest.adapter.handle)).toBe(1)
  expect(guest.call('NdisGetSharedDataAlignment')).toBe(64)
})
test('NDIS_PHYSICAL_ADDRESS_CONST makes a physical address of its halves (ndis.h)', () => {
  const guest = createDmaGuest()
  expect(guest.call64('NDIS_PHYSICAL_ADDRESS_CONST', 0x8765_4321, 1)).toBe(0x1_8765_4321n)
  expect(guest.call64('NDIS_PHYSICAL_ADDRESS_CONST', -1, -1)).toBe(0xffff_ffff_ffff_ffffn)
  expect(guest.call('NdisMGetDmaAlignment', guest.adapter.handle)).toBe(1)
})

/** Whatever a driver passes, the machine reports it or stops; nothing else is ever thrown. */
test.each([
  ['5.1', 0x5_0001],
  ['6.20', 0x6_0014],
])('garbage of a miniport of NDIS %s', (_name, version) => {
  const { dma } = createDmaGuest().machine
  for (const name of Object.keys(dma.functions))
    for (let first = 0; first < 16; first++) {
      const guest = createDmaGuest({ memory: createSharedMemory(3 * 1024 * 1024) }, version)
      const { handle } = guest.adapter
      const registered = version > 0x6_0000 ? guest.register(() => 0) : handle
      guest.call('NdisMAllocateMapRegisters', handle, 0, 1, 4, 1514)
      const live = guest.memory(64)
      const mdl = guest.chain(100)
      guest.machine.mdls.setNext(mdl, mdl)
      const looped = guest.netBuffer(guest.chain(8), 0, 8)
      guest.machine.kernel.space.w32(looped, looped)
      // prettier-ignore
      const values = [
        0, 1, -1, 0.5, Number.NaN, 2 ** 40, undefined, null, 'text', {}, { QuadPart: {} }, 0x20_0000, live, live + 3,
        mdl, looped,
      ]
      const args = Array.from({ length: 6 }, (_unused, i) => values[(first + i * 3) % values.length])
      for (const owner of [values[first], handle, registered])
        try {
          guest.atDispatch(() => guest.call(name, owner, ...args.slice(1)))
        } catch (thrown) {
          expect(thrown, `${name}(${String(owner)}, ${args.slice(1).map(String).join(', ')})`).toBeInstanceOf(
            MachineStopped,
          )
        }
    }
})
