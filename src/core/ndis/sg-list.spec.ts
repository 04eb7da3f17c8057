import { expect, test } from 'vitest'
import { PHYSICAL_OFFSET } from '../memory/map'
import { createDmaGuest, type DmaGuest } from '../test-dma'
import { createSgPieces, mostPages, sgListBytes } from './sg-list'

/** A chain of two MDLs: 5000 bytes, of which 904 are left in the first page, and 100 bytes. */
function setUp() {
  const guest = createDmaGuest()
  const { kernel, mdls } = guest.machine
  const memory = guest.memory(16384)
  const start = ((memory + 4095) & -4096) + 4096 - 904
  const second = guest.memory(100)
  const chain = guest.call('NdisAllocateMdl', 0, start, 5000)
  mdls.setNext(chain, guest.call('NdisAllocateMdl', 0, second, 100))
  return { guest, pieces: createSgPieces(kernel, mdls), chain, start, second }
}
function written({ guest, pieces }: { guest: DmaGuest; pieces: ReturnType<typeof createSgPieces> }) {
  const list = guest.memory(sgListBytes(pieces.count()))
  pieces.writeList(list)
  return guest.pieces(list).map(({ address, length }) => [address - PHYSICAL_OFFSET, length])
}

test('a list has a piece for each page of each MDL', () => {
  const { guest, pieces, chain, start, second } = setUp()
  expect(pieces.collect(chain, 0, 5100, false)).toBe(true)
  expect(written({ guest, pieces })).toEqual([
    [start, 904],
    [start + 904, 4096],
    [second, 100],
  ])
})
test('merged, pages of an MDL that follow one another are one piece', () => {
  const { guest, pieces, chain, start, second } = setUp()
  expect(pieces.collect(chain, 0, 5100, true)).toBe(true)
  expect(written({ guest, pieces })).toEqual([
    [start, 5000],
    [second, 100],
  ])
})
test('bytes are skipped and left out at both ends, whole MDLs too', () => {
  const { guest, pieces, chain, start, second } = setUp()
  expect(pieces.collect(chain, 900, 10, false)).toBe(true)
  expect(written({ guest, pieces })).toEqual([
    [start + 900, 4],
    [start + 904, 6],
  ])
  expect(pieces.collect(chain, 5001, 99, false)).toBe(true)
  expect(written({ guest, pieces })).toEqual([[second + 1, 99]])
  expect(pieces.collect(chain, 0, 0, false)).toBe(true)
  expect(written({ guest, pieces })).toEqual([])
})
test('fails when the chain is too short, or a page was never filled in', () => {
  const { guest, pieces, chain } = setUp()
  expect(pieces.collect(chain, 0, 5101, false)).toBe(false)
  expect(pieces.collect(chain, 5100, 1, false)).toBe(false)
  expect(pieces.collect(0, 0, 1, false)).toBe(false)
  const unbuilt = guest.call('IoAllocateMdl', guest.memory(64), 64, 0, 0, 0)
  expect(pieces.collect(unbuilt, 0, 64, false)).toBe(false)
})
test('a chain that goes in a circle ends', () => {
  const { guest, pieces, chain } = setUp()
  guest.machine.mdls.setNext(chain, chain)
  guest.machine.mdls.setByteCount(chain, 0)
  expect(pieces.collect(chain, 0, 1, false)).toBe(false)
  expect(pieces.bytesOf(chain)).toBe(0)
})
test('sizes: 8 bytes of head and 16 a piece (wdm.h); so many bytes touch so many pages at most', () => {
  expect([sgListBytes(0), sgListBytes(1), sgListBytes(3)]).toEqual([8, 24, 56])
  expect([mostPages(0), mostPages(1), mostPages(2), mostPages(1512), mostPages(4097), mostPages(4098)]).toEqual([
    1, 1, 2, 2, 2, 3,
  ])
})
