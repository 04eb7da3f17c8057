/** Names that do not follow from the entry: the Ex of the handlers that had a forerunner without it. */
const NAMES: Readonly<Record<string, string>> = {
  MINIPORT_INITIALIZE: 'MiniportInitializeEx',
  MINIPORT_HALT: 'MiniportHaltEx',
  MINIPORT_SHUTDOWN: 'MiniportShutdownEx',
  MINIPORT_RESET: 'MiniportResetEx',
  MINIPORT_CHECK_FOR_HANG: 'MiniportCheckForHangEx',
}

/** What people call a callback of NDIS 6: FilterSendNetBufferLists for FILTER_SEND_NET_BUFFER_LISTS. Others are named so already. */
export function callbackName(entry: string): string {
  const known = NAMES[entry]
  if (known !== undefined) return known
  if (!/^[A-Z0-9_]+$/.test(entry)) return entry
  return entry
    .split('_')
    .map((word) => (word === 'PNP' ? 'PnP' : word.charAt(0) + word.slice(1).toLowerCase()))
    .join('')
}
