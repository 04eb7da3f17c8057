import { EXCEPTION_FILTERS } from '../../src/shared/dap'

/** Which exceptions stop the driver, by exception filter. */
export type ExceptionSwitches = Readonly<Record<string, boolean>>

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Once only what is on was remembered; then these filters were there. */
const FIRST_FILTERS = ['violations', 'bugchecks', 'uncaught']
const fromList = (list: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries([...FIRST_FILTERS.map((filter) => [filter, false]), ...list.map((filter) => [filter, true])])

/**
 * The switches as they were left, `list` in the form of older versions. A filter that is new since then is as the debugger has it by
 * default; where nothing was left, all are on.
 */
export function restoreSwitches(switches: unknown, list: unknown): ExceptionSwitches {
  const left = isRecord(switches) ? switches : Array.isArray(list) ? fromList(list) : undefined
  return Object.fromEntries(
    EXCEPTION_FILTERS.map(({ filter, default: byDefault }) => {
      const on = left?.[filter]
      return [filter, typeof on === 'boolean' ? on : left === undefined || byDefault]
    }),
  )
}

/** For the debugger: the filters that are on. */
export const filtersOn = (switches: ExceptionSwitches): string[] =>
  EXCEPTION_FILTERS.map(({ filter }) => filter).filter((filter) => switches[filter])
