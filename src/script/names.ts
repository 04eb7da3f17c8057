import { API } from '../core/ndis/api'
import { STRUCTS } from '../core/memory/structs'

/** Names of the interface that are types only: the loader drops their imports also where `type` was forgotten. */
export const typeNames: ReadonlySet<string> = new Set([
  ...API.flatMap((entry) => [entry.returns, ...entry.params.map((param) => param.type)]).flatMap((type) => type.match(/[A-Za-z_]\w*/g) ?? []),
  ...API.filter((entry) => entry.kind === 'callback').map((entry) => entry.name),
  ...[...STRUCTS.values()].flatMap((table) => [`P${table.name}`, ...table.pointerNames]),
  'Out', 'Cell', 'Address', 'PDRIVER_OBJECT', 'PUNICODE_STRING', 'PNDIS_BUFFER', 'PVOID', 'NDIS_HANDLE', 'NDIS_STATUS',
]) // prettier-ignore
