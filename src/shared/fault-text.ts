/**
 * How a person writes which allocations fail, on the command line and in the workbench: terms with commas between them,
 * `3` (the third), `5%` (a share of them), `tag:Abcd`, `function:NdisAllocate*`, `stack:KEY` or `stack:KEY+KEY`.
 */
import { faultPlan, type AllocationFaults } from './faults'

export const FAIL_ALLOC_TAKES =
  'a number, a share such as 5%, tag:ABCD, function:NAME or NAME*, stack:KEY; commas between several'

const NUMBER = /^\d+$/
const SHARE = /^(\d+(?:\.\d+)?)%$/
const NAMED = /^(tag|function|stack):(.+)$/
const PERCENT = 100

function termOf(text: string): AllocationFaults {
  if (NUMBER.test(text)) return { nth: Number(text) }
  const share = SHARE.exec(text)
  if (share) return { share: Number(share[1]) / PERCENT }
  const [, name, value] = NAMED.exec(text) ?? []
  if (name === undefined) throw new RangeError(`'${text}' is none of them`)
  return { [name]: value }
}

/** @throws RangeError that says what is taken. */
export function parseFailAlloc(text: string): AllocationFaults {
  const terms = text.split(',').map((term) => termOf(term.trim()))
  const allocations = Object.assign({}, ...terms) as AllocationFaults
  if (Object.keys(allocations).length < terms.length) throw new RangeError(`'${text}' says one thing twice`)
  const checked = faultPlan.safeParse({ allocations })
  if (checked.success) return allocations
  throw new RangeError(`'${text}': ${checked.error.issues[0]?.message ?? 'out of range'}`)
}

/** The same back as text. */
export function failAllocText({ nth, share, tag, function: fn, stack }: AllocationFaults): string {
  return [
    ...(tag === undefined ? [] : [`tag:${tag}`]),
    ...(fn === undefined ? [] : [`function:${fn}`]),
    ...(stack === undefined ? [] : [`stack:${stack}`]),
    ...(nth === undefined ? [] : [`${nth}`]),
    ...(share === undefined ? [] : [`${share * PERCENT}%`]),
  ].join(',')
}
