/**
 * Builders of API table rows. A row starts with the C prototype as ndis.h has it, so that it can be read beside the
 * documentation; what C does not say is written in front of a parameter (`out`, `inout`) or behind it (`?`: may be NULL).
 *
 * `out` and `inout` mark parameters that take a cell: a scalar or pointer that the callee writes. A pointer to a struct
 * or to a buffer that the caller owns is an ordinary parameter, whoever fills the memory.
 */
import type { ApiCategory, ApiEntry, ApiKind, ApiParam, IrqlRange } from './types'

type Options = Partial<Pick<ApiEntry, 'header' | 'noSpinLock' | 'reenters' | 'rules'>>

const PROTOTYPE = /^(\w+ \**)(\w+)\((.*)\)$/
const PARAM = /^(?:(out|inout) )?(\w+ \**)(\w+)(\?)?$/

/** Everything behind the named parameters of DbgPrint and the like. */
const VARIADIC: ApiParam = { name: '...', type: '...', direction: 'in', optional: true }

const param = (text: string): ApiParam => {
  if (text === '...') return VARIADIC
  const [, direction = 'in', type, name, optional] = PARAM.exec(text) ?? []
  if (!type || !name) throw new Error(`API table: '${text}' is not a parameter`)
  return {
    name,
    type: type.trimEnd(),
    direction: direction as ApiParam['direction'],
    ...(optional ? { optional: true } : {}),
  }
}

const row =
  (kind: ApiKind) =>
  (
    prototype: string,
    category: ApiCategory,
    irql: IrqlRange | null,
    /** '6.20': since then; '3.0-5.2': the last one, too. */
    versions: string,
    summary: string,
    source: string,
    options: Options = {},
  ): ApiEntry => {
    const [, returns, name, params] = PROTOTYPE.exec(prototype) ?? []
    if (!returns || !name || params === undefined) throw new Error(`API table: '${prototype}' is not a prototype`)
    const [min = '', max] = versions.split('-')
    return {
      name,
      kind,
      header: 'ndis.h',
      params: params === '' ? [] : params.split(', ').map(param),
      returns: returns.trimEnd(),
      category,
      irql,
      versions: max ? { min, max } : { min },
      rules: [],
      summary,
      source,
      ...options,
    }
  }

export const fn = row('function')
export const macro = row('macro')
export const callback = row('callback')
