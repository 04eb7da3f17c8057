import { expect, it } from 'vitest'
import { decodeBase64, decodeKinds, encodeBase64 } from './byte-kinds'

it('expands runs to one kind a byte', () => {
  expect(decodeKinds('3h2.1g', 6).join('')).toBe('hhh..g')
  expect(decodeKinds('hf', 2).join('')).toBe('hf')
})

it('never gives more or fewer kinds than bytes', () => {
  expect(decodeKinds('8x', 3).join('')).toBe('xxx')
  expect(decodeKinds('1.', 3).join('')).toBe('.uu')
})

it('says so when a host sends a kind that it does not know', () => {
  expect(() => decodeKinds('4q', 4)).toThrow("'q'")
})

it('carries bytes through base64', () => {
  const data = Uint8Array.from([0, 1, 0x7f, 0x80, 0xff])
  expect([...decodeBase64(encodeBase64(data))]).toEqual([...data])
})
