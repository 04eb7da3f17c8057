import { STRUCTS } from '../core/memory/structs'
import { allTypeNames } from './dts/c-types'
import { DECLARED_TYPES } from './dts/prelude'
import { SCALARS } from './cells'

/**
 * Names that 'ndis' exports as types and nothing else: the loader drops them from an import that lacks the word `type`.
 * Structs and scalars are values too (`NDIS_PACKET.at`, `UINT.at`) and are not among them.
 */
export const typeNames: ReadonlySet<string> = new Set(
  [...allTypeNames(), ...DECLARED_TYPES].filter((name) => !STRUCTS.has(name) && !(name in SCALARS)),
)
