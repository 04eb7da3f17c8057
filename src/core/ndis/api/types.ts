/** The shape of the API table (DESIGN section 3): every function, macro and callback of the interface, once. */

export type ApiKind = 'function' | 'macro' | 'callback'

export type ApiCategory =
  | 'allocate'
  | 'free'
  | 'lock'
  | 'unlock'
  | 'interlocked'
  | 'query'
  | 'modify'
  | 'memory'
  | 'list'
  | 'send'
  | 'receive'
  | 'register'
  | 'oid'
  | 'status'
  | 'interrupt'
  | 'timer'
  | 'workitem'
  | 'event'
  | 'irql'
  | 'io'
  | 'dma'
  | 'config'
  | 'pnp'
  | 'string'
  | 'debug'
  | 'connection'
  | 'offload'
  | 'miniport'
  | 'protocol'
  | 'filter'
  | 'other'

/** Permitted IRQL, as the documentation words it. `null`: the documentation does not say. */
export type IrqlRange =
  | 'any'
  | 'PASSIVE_LEVEL'
  | '<=APC_LEVEL'
  | '<DISPATCH_LEVEL'
  | '<=DISPATCH_LEVEL'
  | 'DISPATCH_LEVEL'
  | '>=DISPATCH_LEVEL'
  | '<=DIRQL'
  | 'DIRQL'
  | '<=HIGH_LEVEL'

export interface ApiParam {
  /** The name that the documentation uses. */
  readonly name: string
  /** C type as in ndis.h: 'PNDIS_STATUS', 'UINT', 'NDIS_HANDLE'. */
  readonly type: string
  /** 'out' takes a cell or the address of kernel memory; 'inout' likewise. */
  readonly direction: 'in' | 'out' | 'inout'
  readonly optional?: boolean
}

export interface ApiEntry {
  readonly name: string
  readonly kind: ApiKind
  readonly header: string
  readonly params: readonly ApiParam[]
  /** C type of the result, 'VOID' for none. */
  readonly returns: string
  readonly category: ApiCategory
  readonly irql: IrqlRange | null
  /** Lowest NDIS version, e.g. '3.0', '5.0', '6.0', '6.20'; `max` is the last one that has it. */
  readonly versions: { readonly min: string; readonly max?: string }
  /** Names of rules (rules table) that watch this entry. */
  readonly rules: readonly string[]
  /** One line in our own words. */
  readonly summary: string
  /** Where the facts come from: 'DDI', 'PV ff550774', 'CE ms921048', 'NT4 103ndisx_11', 'WDM' ... */
  readonly source: string
  /** Platforms or pages on which the caller must hold no spin lock: 'ce' = only there, 'always' = everywhere. */
  readonly noSpinLock?: 'ce' | 'always'
  /** true when a call can run driver code before it returns (it then logs an enter and a return event). */
  readonly reenters?: boolean
}
