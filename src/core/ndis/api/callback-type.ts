import type { ApiEntry } from './types'

/** C names of function pointer types that do not follow from the callback's own name. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  NDIS_PROC: 'NdisWorkItemRoutine',
  NDIS_IO_WORKITEM_ROUTINE: 'NDIS_IO_WORKITEM',
  DRIVER_UNLOAD: 'DriverUnload',
  DRIVER_INITIALIZE: 'DriverEntry',
  RECEIVE_HANDLER: 'ProtocolReceive',
  RECEIVE_PACKET_HANDLER: 'ProtocolReceivePacket',
}

/**
 * The callback that a function pointer type of C stands for: MINIPORT_HALT for 'MINIPORT_HALT_HANDLER', KDEFERRED_ROUTINE
 * for 'PKDEFERRED_ROUTINE'. undefined for types that are none, and for those whose callback is not in the table.
 */
export function callbackType(ctype: string, entries: ReadonlyMap<string, ApiEntry>): ApiEntry | undefined {
  const plain = ctype.startsWith('P') ? ctype.slice(1) : ctype
  const names = [ctype, plain, plain.replace(/_HANDLER$/, ''), TYPE_NAMES[ctype], TYPE_NAMES[plain]]
  for (const name of names) {
    const entry = name === undefined ? undefined : entries.get(name)
    if (entry?.kind === 'callback') return entry
  }
  return undefined
}
