/** Functions of the interface by name: each takes what its entry of the API table says. */
export type FunctionTable = Readonly<Record<string, (...args: never[]) => unknown>>

/**
 * One table of several. It is a hash table from the start, as V8 makes an object without a prototype: a literal of hundreds of
 * members gets a hidden class for each of them, which takes milliseconds a machine.
 */
export function joinFunctions(...parts: readonly FunctionTable[]): FunctionTable {
  const table = Object.create(null) as Record<string, (...args: never[]) => unknown>
  for (const part of parts) for (const name in part) table[name] = part[name]!
  return table
}
