import { describe, expect, test } from 'vitest'
import { encodeMessage, FramingError, MessageReader, MOST_BYTES } from './framing'

const message = (seq: number, text = '') => ({ seq, type: 'request', command: 'evaluate', arguments: { text } })
const ascii = (text: string) => Buffer.from(text, 'latin1')

describe('framing (DAP overview, base protocol)', () => {
  test('counts bytes, not characters', () => {
    const frame = encodeMessage(message(1, 'größe ✓')).toString('utf8')
    const [header, body] = frame.split('\r\n\r\n')
    expect(header).toBe(`Content-Length: ${Buffer.byteLength(body!)}`)
    expect(Buffer.byteLength(body!)).toBeGreaterThan(body!.length)
  })

  test('reads what it writes, whatever the chunks are', () => {
    const stream = Buffer.concat([message(1), message(2, 'ä'.repeat(300)), message(3)].map(encodeMessage))
    for (const size of [1, 2, 7, 100, stream.length]) {
      const reader = new MessageReader()
      const read: unknown[] = []
      for (let at = 0; at < stream.length; at += size) read.push(...reader.push(stream.subarray(at, at + size)))
      expect(read).toEqual([message(1), message(2, 'ä'.repeat(300)), message(3)])
    }
  })

  test('takes other header fields and any case', () => {
    const frame = ascii('Content-Type: application/json\r\ncontent-length:  2 \r\n\r\n{}')
    expect(new MessageReader().push(frame)).toEqual([{}])
  })

  test('keeps an unfinished message for the next bytes', () => {
    const reader = new MessageReader()
    expect(reader.push(ascii('Content-Length: 8\r\n\r\n{"a"'))).toEqual([])
    expect(reader.push(ascii(': 1}Content-Len'))).toEqual([{ a: 1 }])
    expect(reader.push(ascii('gth: 2\r\n\r\n[]'))).toEqual([[]])
  })

  test.each([
    ['no length', 'Content-Type: x\r\n\r\n{}', 'Content-Length'],
    ['a negative length', 'Content-Length: -1\r\n\r\n', 'Content-Length'],
    ['a length beyond all reason', `Content-Length: ${MOST_BYTES + 1}\r\n\r\n`, 'at most'],
    ['something else altogether', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'Content-Length'],
    ['an endless header', 'x'.repeat(5000), 'no header'],
    ['a body that is no JSON', 'Content-Length: 2\r\n\r\n{]', 'JSON'],
  ])('refuses %s', (_what, text, reason) => {
    const push = () => new MessageReader().push(ascii(text))
    expect(push).toThrow(FramingError)
    expect(push).toThrow(reason)
  })
})
