import type { Place } from './verifier'

const FNV_PRIME = 0x0100_0193
const FNV_BASIS = 0x811c_9dc5

/**
 * A short name of a call stack: 8 hexadecimal digits of FNV-1a over the function that is called and the places in the driver
 * that lead to it.
 */
export function callStackKey(callee: string, stack: readonly Place[]): string {
  const places = stack.map(({ function: fn, file, line, column }) => `${fn}@${file}:${line}:${column}`)
  let hash = FNV_BASIS
  for (const character of [callee, ...places].join('\n')) hash = Math.imul(hash ^ character.codePointAt(0)!, FNV_PRIME)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
