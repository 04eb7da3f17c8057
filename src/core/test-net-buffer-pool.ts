import type { Guest as WholeGuest } from './test-guest'
import { layout } from './memory/layout'
import { constant } from './ndis/constants'

/** What the parameters need of a guest. */
type Guest = Pick<WholeGuest, 'machine' | 'call' | 'memory'>

const HEADER = layout('NDIS_OBJECT_HEADER', 'Type', 'Revision', 'Size')
const PARAMETERS = layout('NET_BUFFER_POOL_PARAMETERS', 'PoolTag', 'DataSize')
const LIST_PARAMETERS = layout(
  'NET_BUFFER_LIST_POOL_PARAMETERS',
  'ProtocolId', 'fAllocateNetBuffer', 'ContextSize', 'PoolTag', 'DataSize',
) // prettier-ignore
const TAG = 0x74736554

function parameters(guest: Guest, bytes: number, size: number): number {
  const { space } = guest.machine.kernel
  const address = guest.memory(bytes)
  space.fill(address, bytes, 0)
  space.w8(address + HEADER.Type, constant('NDIS_OBJECT_TYPE_DEFAULT'))
  space.w8(address + HEADER.Revision, 1)
  space.w16(address + HEADER.Size, size)
  return address
}

/** For specs: address of the parameters of a NET_BUFFER pool. */
export function poolParameters(guest: Guest, dataSize = 0): number {
  const at = parameters(guest, PARAMETERS.SIZE, constant('NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1'))
  guest.machine.kernel.space.w32(at + PARAMETERS.PoolTag, TAG)
  guest.machine.kernel.space.w32(at + PARAMETERS.DataSize, dataSize)
  return at
}
export const netBufferPool = (guest: Guest, dataSize = 0): number =>
  guest.call('NdisAllocateNetBufferPool', 0, poolParameters(guest, dataSize))

export interface ListPool {
  readonly netBuffer?: boolean
  readonly dataSize?: number
  readonly contextSize?: number
}
/** For specs: address of the parameters of a NET_BUFFER_LIST pool, of the first revision. */
export function listPoolParameters(
  guest: Guest,
  { netBuffer = false, dataSize = 0, contextSize = 0 }: ListPool = {},
): number {
  const size = constant('NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1')
  const at = parameters(guest, size, size)
  const { space } = guest.machine.kernel
  space.w8(at + LIST_PARAMETERS.ProtocolId, constant('NDIS_PROTOCOL_ID_TCP_IP'))
  space.w8(at + LIST_PARAMETERS.fAllocateNetBuffer, netBuffer ? 1 : 0)
  space.w16(at + LIST_PARAMETERS.ContextSize, contextSize)
  space.w32(at + LIST_PARAMETERS.PoolTag, TAG)
  space.w32(at + LIST_PARAMETERS.DataSize, dataSize)
  return at
}
export const listPool = (guest: Guest, options: ListPool = {}): number =>
  guest.call('NdisAllocateNetBufferListPool', 0, listPoolParameters(guest, options))
