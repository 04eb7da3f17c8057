/** Functions of the interface that the workbench's own protocol and miniport use, as any driver does. */
type ApiFunction = (...args: readonly unknown[]) => unknown
const NAMES = [
  'NdisAllocatePacketPool',
  'NdisFreePacketPool',
  'NdisAllocatePacket',
  'NdisFreePacket',
  'NdisAllocateBufferPool',
  'NdisFreeBufferPool',
  'NdisAllocateBuffer',
  'NdisFreeBuffer',
  'NdisChainBufferAtBack',
] as const
export type ApiFunctions = Readonly<Record<(typeof NAMES)[number], ApiFunction>>

export const apiFunctions = (functions: Readonly<Record<string, (...args: never[]) => unknown>>): ApiFunctions =>
  Object.fromEntries(NAMES.map((name) => [name, functions[name]])) as unknown as ApiFunctions
