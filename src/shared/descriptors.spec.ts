import { expect, test } from 'vitest'
import { bitsOf, fieldValue, fits, offsetsOf } from './descriptors'

const BYTES = Uint8Array.of(0x78, 0x56, 0x34, 0x12, 0xf0, 0xde, 0xbc, 0x9a, 0x01, 0x80, 0xff, 0x00)
const field = (offset: number, width: number, shift?: number) => ({
  name: '',
  doc: '',
  offset,
  width,
  ...(shift !== undefined && { shift }),
})

test('fields of a descriptor are little-endian, whole bytes or bits across them', () => {
  expect(fieldValue(BYTES, field(0, 64))).toBe(0x9abcdef012345678n)
  expect(fieldValue(BYTES, field(4, 16))).toBe(0xdef0n)
  expect(fieldValue(BYTES, field(0, 20, 4))).toBe(0x34567n)
  expect(fieldValue(BYTES, field(9, 1, 7))).toBe(1n)
})
test('a pattern looks at the bits of its mask only, the highest one too', () => {
  const view = new DataView(BYTES.buffer)
  expect(fits(view, 0, { offset: 8, mask: 0x8000, value: 0x8000 })).toBe(true)
  expect(fits(view, 0, { offset: 4, mask: 0x8000_0000, value: 0x8000_0000 })).toBe(true)
  expect(fits(view, 0, { offset: 4, mask: 0x8000_0001, value: 0x8000_0001 })).toBe(false)
  expect(fits(view, 4, { offset: 4, mask: 0xff, value: 1 })).toBe(true)
})
test('bits of a word', () => {
  expect(bitsOf(0xf000_0005, { name: '', doc: '', shift: 28, width: 4 })).toBe(15)
  expect(bitsOf(0xffff_ffff, { name: '', doc: '', shift: 0, width: 32 })).toBe(0xffff_ffff)
  expect(bitsOf(0x8000_0000_0000n, { name: '', doc: '', shift: 47, width: 1 })).toBe(1)
})
test('the words of an array lie a stride apart', () => {
  const register = { name: 'RAL', access: 'RW', reset: 0, doc: '', group: '' } as const
  expect(offsetsOf({ ...register, offset: 0x5400, count: 3, stride: 8 })).toEqual([0x5400, 0x5408, 0x5410])
  expect(offsetsOf({ ...register, offset: 0x5200, count: 2 })).toEqual([0x5200, 0x5204])
  expect(offsetsOf({ ...register, offset: 8 })).toEqual([8])
})
