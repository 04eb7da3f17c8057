/** How numbers, times, levels and addresses are written everywhere in the workbench. */

export const hex = (value: number, digits = 8): string => (value >>> 0).toString(16).toUpperCase().padStart(digits, '0')

/** `0x80001A40`: the form that every pointer has on screen and that `parseAddress` reads back. */
export const address = (value: number): string => `0x${hex(value)}`

/** Accepts `0x80001a40`, `80001a40`, `80001a40h`, decimal with a trailing dot or below 10 digits prefixed by `0n`. */
export function parseAddress(text: string): number | undefined {
  const compact = text.trim().replace(/[`_']/g, '')
  const decimal = /^0n(\d+)$/i.exec(compact)
  if (decimal) return inRange(Number(decimal[1]))
  const digits = /^(?:0x)?([0-9a-f]{1,8})h?$/i.exec(compact)?.[1]
  return digits === undefined ? undefined : inRange(Number.parseInt(digits, 16))
}

const inRange = (value: number): number | undefined => (value >= 0 && value <= 0xffffffff ? value : undefined)

const NT_LEVELS: Readonly<Record<number, string>> = {
  0: 'PASSIVE_LEVEL',
  1: 'APC_LEVEL',
  2: 'DISPATCH_LEVEL',
  27: 'PROFILE_LEVEL',
  28: 'CLOCK_LEVEL',
  29: 'IPI_LEVEL',
  30: 'POWER_LEVEL',
  31: 'HIGH_LEVEL',
}

/** Name of an interrupt request level of 32-bit Windows; device levels (3 to 26) as `DIRQL 5`. */
export const irqlName = (irql: number): string => NT_LEVELS[irql] ?? `DIRQL ${irql}`

const UNITS: readonly (readonly [number, string, number])[] = [
  [1e9, 's', 6],
  [1e6, 'ms', 4],
  [1e3, 'µs', 1],
]

/** Nanoseconds of virtual time with a unit that keeps the tick (100 ns) visible. */
export function duration(ns: number): string {
  const [scale, unit, digits] = UNITS.find(([limit]) => Math.abs(ns) >= limit) ?? [1, 'ns', 0]
  return `${(ns / scale).toFixed(digits)} ${unit}`
}

export const count = (value: number): string => value.toLocaleString('en-US')

export const bytes = (value: number): string =>
  value < 1024
    ? `${value} B`
    : value < 1024 * 1024
      ? `${(value / 1024).toFixed(1)} KiB`
      : `${(value / 1048576).toFixed(1)} MiB`

/** How people call a document: the last part of its path, `01-pool.ts` for `example:01-pool.ts`, `Untitled-1.ts`. */
export const baseName = (path: string): string =>
  path
    .replace(/^untitled:(\d+)$/, 'Untitled-$1.ts')
    .replace(/^example:/, '')
    .replace(/^.*[\\/]/, '')

export const location = (site: { readonly file: string; readonly line: number }): string =>
  `${baseName(site.file)}:${site.line}`
