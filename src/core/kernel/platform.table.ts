/** What differs between the two platforms, each difference once: code reads it from here, docs/platforms.md is made of it. */
export type Platform = 'nt' | 'ce'

interface Difference<T> {
  readonly nt: T
  readonly ce: T
  readonly about: string
  readonly source: string
}
const differs = <T>(nt: T, ce: T, about: string, source: string): Difference<T> => ({ nt, ce, about, source })

export const DIFFERENCES = {
  version: differs(
    0x6_001e,
    0x5_0001,
    'NdisGetVersion: major version in the high word, minor in the low one',
    'DDI ndisgetversion',
  ),
  dprNeedsDispatchLevel: differs(
    true,
    false,
    'NdisDpr calls are for callers at DISPATCH_LEVEL; CE has no such level for DPCs, and each equals its plain form',
    'CE ms921048',
  ),
  nonInterlockedIsApart: differs(
    true,
    false,
    'Packets of NonInterlocked calls go with NonInterlocked calls only, and a pool is not used both ways',
    'NT4 103ndisx_31, CE ms921048',
  ),
  reinitializeZeroesReserved: differs(
    false,
    true,
    'NdisReinitializePacket zeroes the reserved areas of the packet',
    'PV ff554658, CE ee486983',
  ),
  bufferPoolAlwaysSucceeds: differs(
    false,
    true,
    'NdisAllocateBufferPool always succeeds; a NULL handle is a pool that there was no memory for',
    'PV ff550741, CE',
  ),
  deregisterUnbinds: differs(
    true,
    false,
    'NdisDeregisterProtocol calls ProtocolUnbindAdapter for bindings that are still open; CE calls nothing',
    'CE NdisCloseAdapter',
  ),
  receiveReservedIsExact: differs(
    false,
    true,
    'ProtocolReservedLength of packets that are indicated is exactly 16 bytes rather than at least 16',
    'CE ms920742, NT4 NDIS_PACKET',
  ),
  mapRegistersAreNumbered: differs(
    true,
    false,
    'PhysicalMapRegister of NdisMStartBufferPhysicalMapping says which map register is used; CE does not look at it',
    'PV ff553646, CE ms904065',
  ),
  poolCallsWithoutSpinLock: differs(
    false,
    true,
    'Calls that make and free pools and buffers demand that no spin lock is held; the API table marks them',
    'NT4 103ndisx_8, CE ms921039',
  ),
} as const

export type PlatformTraits = { readonly [K in keyof typeof DIFFERENCES]: (typeof DIFFERENCES)[K]['nt'] }

export const traitsOf = (platform: Platform): PlatformTraits =>
  Object.fromEntries(Object.entries(DIFFERENCES).map(([name, values]) => [name, values[platform]])) as PlatformTraits
