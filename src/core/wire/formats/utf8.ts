/** UTF-8 for code that runs without a host's TextEncoder: the core has the language and nothing else. */

const REPLACEMENT = 0xfffd

/** Half a surrogate pair becomes U+FFFD, as everywhere on the web. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = []
  for (const letter of text) {
    const point = letter.codePointAt(0)!
    const code = point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code))
    else if (code < 0x1_0000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code))
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code))
  }
  return Uint8Array.from(bytes)
}
const tail = (bits: number): number => 0x80 | (bits & 0x3f)

/** Lead byte -> bytes that follow it, and what the first of them may be (Unicode 16, table 3-7). */
function expected(lead: number): readonly [count: number, low: number, high: number] | undefined {
  if (lead >= 0xc2 && lead <= 0xdf) return [1, 0x80, 0xbf]
  if (lead >= 0xe0 && lead <= 0xef) return [2, lead === 0xe0 ? 0xa0 : 0x80, lead === 0xed ? 0x9f : 0xbf]
  if (lead >= 0xf0 && lead <= 0xf4) return [3, lead === 0xf0 ? 0x90 : 0x80, lead === 0xf4 ? 0x8f : 0xbf]
  return undefined
}

/** What is no UTF-8 becomes U+FFFD, one for each longest beginning of a character, as TextDecoder has it. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at++]!
    if (lead < 0x80) {
      text += String.fromCharCode(lead)
      continue
    }
    let [count, low, high] = expected(lead) ?? [-1, 0, 0]
    let code = count === 1 ? lead & 0x1f : count === 2 ? lead & 0x0f : lead & 0x07
    while (count > 0 && bytes[at]! >= low && bytes[at]! <= high) {
      code = (code << 6) | (bytes[at++]! & 0x3f)
      low = 0x80
      high = 0xbf
      count--
    }
    text += String.fromCodePoint(count === 0 ? code : REPLACEMENT)
  }
  return text
}
