const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))

/** '02:00:00:00:00:01'; also any other stretch of bytes. */
export function colonHex(bytes: Uint8Array, at: number, length: number): string {
  let text = ''
  for (let index = 0; index < length; index++) text += (index ? ':' : '') + HEX[bytes[at + index]!]
  return text
}
export const macText = (bytes: Uint8Array, at: number): string => colonHex(bytes, at, 6)

export const ipv4Text = (bytes: Uint8Array, at: number): string =>
  `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`

const GROUPS = 8

/** The longest run of zero groups, at least two: RFC 5952 section 4.2. */
function zeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 1 }
  for (let start = 0; start < GROUPS; start++) {
    let length = 0
    while (start + length < GROUPS && groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}

/** The canonical form of RFC 5952: lower case, the longest run of zeros as '::'. */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups = Array.from(
    { length: GROUPS },
    (_, index) => (bytes[at + 2 * index]! << 8) | bytes[at + 2 * index + 1]!,
  )
  const { start, length } = zeroRun(groups)
  const part = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':')
  return start < 0 ? part(0, GROUPS) : `${part(0, start)}::${part(start + length, GROUPS)}`
}
