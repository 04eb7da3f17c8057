/** The masked bits of a stretch of bytes, others as dots, four by four: '.... 0101'. Empty for more than four bytes. */
export function bitPicture(bytes: Uint8Array, offset: number, length: number, mask: number): string {
  if (length === 0 || length > 4) return ''
  const bits = length * 8
  let picture = ''
  for (let bit = 0; bit < bits; bit++) {
    const shift = bits - 1 - bit
    const set = (bytes[offset + (bit >> 3)]! >> (7 - (bit & 7))) & 1
    if (bit > 0 && bit % 4 === 0) picture += ' '
    picture += (mask >>> shift) & 1 ? set : '.'
  }
  return picture
}
