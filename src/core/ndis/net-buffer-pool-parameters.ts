import type { AddressSpace } from '../memory/address-space'
import { constant } from './constants'
import { LIST_POOL_PARAMETERS, OBJECT_HEADER, POOL_PARAMETERS } from './net-buffer-layout'

const TYPE_DEFAULT = constant('NDIS_OBJECT_TYPE_DEFAULT')
const SMALLEST = constant('NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1')
const SMALLEST_LIST = constant('NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1')

export interface PoolParameters {
  readonly tag: number
  /** Bytes. */
  readonly dataSize: number
}
export interface ListPoolParameters extends PoolParameters {
  readonly protocolId: number
  readonly allocateNetBuffer: boolean
  /** Bytes of context that each list comes with. */
  readonly contextSize: number
}

/** What is wrong with the object header of pool parameters, or undefined. */
function problem({ r8, r16 }: AddressSpace, address: number, size: number): string | undefined {
  const type = r8(address + OBJECT_HEADER.Type)
  const revision = r8(address + OBJECT_HEADER.Revision)
  const bytes = r16(address + OBJECT_HEADER.Size)
  if (type !== TYPE_DEFAULT) return `Header.Type is 0x${type.toString(16)}, not NDIS_OBJECT_TYPE_DEFAULT`
  if (revision === 0) return 'Header.Revision is 0; the first revision is 1'
  return bytes < size ? `Header.Size is ${bytes}; revision 1 has ${size} bytes` : undefined
}
export const poolParametersProblem = (space: AddressSpace, address: number): string | undefined =>
  problem(space, address, SMALLEST)
export const listPoolParametersProblem = (space: AddressSpace, address: number): string | undefined =>
  problem(space, address, SMALLEST_LIST)

export function readPoolParameters(space: AddressSpace, address: number): PoolParameters | undefined {
  if (poolParametersProblem(space, address)) return undefined
  return {
    tag: space.r32(address + POOL_PARAMETERS.PoolTag),
    dataSize: space.r32(address + POOL_PARAMETERS.DataSize),
  }
}
export function readListPoolParameters(space: AddressSpace, address: number): ListPoolParameters | undefined {
  if (listPoolParametersProblem(space, address)) return undefined
  return {
    tag: space.r32(address + LIST_POOL_PARAMETERS.PoolTag),
    dataSize: space.r32(address + LIST_POOL_PARAMETERS.DataSize),
    protocolId: space.r8(address + LIST_POOL_PARAMETERS.ProtocolId),
    allocateNetBuffer: space.r8(address + LIST_POOL_PARAMETERS.fAllocateNetBuffer) !== 0,
    contextSize: space.r16(address + LIST_POOL_PARAMETERS.ContextSize),
  }
}
