import { layout } from '../memory/layout'

/** Where the characteristics of each version end (ndis.h NDIS30_MINIPORT_CHARACTERISTICS ...): the next member's offset. */
const ENDS = layout(
  'NDIS_MINIPORT_CHARACTERISTICS',
  'ReturnPacketHandler',
  'CoCreateVcHandler',
  'CancelSendPacketsHandler',
)
const SIZES: ReadonlyMap<number, number> = new Map([
  [0x3_0000, ENDS.ReturnPacketHandler],
  [0x4_0000, ENDS.CoCreateVcHandler],
  [0x5_0000, ENDS.CancelSendPacketsHandler],
  [0x5_0001, ENDS.SIZE],
  [0x5_0002, ENDS.SIZE],
])
/** Bytes of the characteristics that a driver of the version (major << 16 | minor) gives; undefined for no such version. */
export const sizeOfVersion5 = (version: number): number | undefined => SIZES.get(version)

const REQUIRED = [
  'HaltHandler',
  'InitializeHandler',
  'QueryInformationHandler',
  'ResetHandler',
  'SetInformationHandler',
]
const SENDERS = ['SendHandler', 'SendPacketsHandler', 'CoSendPacketsHandler']

/** Handlers that a miniport must have and this one has not, by name (PV NDIS_MINIPORT_CHARACTERISTICS). */
export const missingHandlers5 = (handlers: Readonly<Record<string, number>>): string[] => [
  ...REQUIRED.filter((name) => !handlers[name]),
  ...(SENDERS.some((name) => handlers[name]) ? [] : ['SendPacketsHandler']),
]
