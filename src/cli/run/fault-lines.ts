import type { FaultReport } from '../../shared/faults'
import type { RunReport } from '../../shared/report'
import { printable, type Style } from './style'

/** Faults that are listed; a share of many calls would fill the screen. The JSON report has all. */
const MOST_LINES = 10

const SAYS: Readonly<Record<FaultReport['kind'], (fn: string) => string>> = {
  allocation: (fn) => `${fn} fails`,
  'low memory': (fn) => `${fn} fails: memory is low`,
  removal: (fn) => `the hardware is pulled at ${fn}`,
}

/** A line for each fault that was injected. */
export function faultLines({ faults = [] }: RunReport, name: (file: string) => string, style: Style): string[] {
  const lines = faults.slice(0, MOST_LINES).map(({ kind, function: fn, place, key }) => {
    const at = place.line > 0 ? `  ${style.bold(`${name(place.file)}:${place.line}:${place.column}`)}` : ''
    const stack = kind === 'removal' ? '' : style.dim(`  stack:${key}`)
    return `${style.yellow(style.bold('FAULT'))} ${printable(SAYS[kind](fn))}${at}${stack}`
  })
  return faults.length > MOST_LINES ? [...lines, `  and ${faults.length - MOST_LINES} more`] : lines
}
