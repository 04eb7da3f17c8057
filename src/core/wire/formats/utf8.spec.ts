import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8 } from './utf8'

test('text is encoded as TextEncoder does it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text))
    }),
  )
})

test('half a surrogate pair becomes U+FFFD', () => {
  expect(encodeUtf8('\ud800x')).toEqual(Uint8Array.of(0xef, 0xbf, 0xbd, 0x78))
})

test('any bytes are decoded as TextDecoder does it', () => {
  // Bytes that begin, continue and break characters, more often than chance would have them.
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 0xff }),
    fc.constantFrom(0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x8f, 0x90, 0xa0, 0xbf),
  )
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => {
      expect(decodeUtf8(Uint8Array.from(bytes))).toBe(decoder.decode(Uint8Array.from(bytes)))
    }),
    { numRuns: 2000 },
  )
})
