/** An address as messages show it. */
export const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`

/** A pool tag as text; bytes that are no ASCII characters show as '.'. */
export function tagText(tag: number): string {
  let text = ''
  for (let i = 0; i < 4; i++) {
    const code = (tag >>> (8 * i)) & 0xff
    text += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.'
  }
  return text
}
