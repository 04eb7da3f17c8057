import type { Kernel } from '../core/kernel/kernel'
import { unsigned } from '../core/ndis/memory-bus'

export type ScalarKind = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64'
export const SCALAR_SIZE: Readonly<Record<ScalarKind, 1 | 2 | 4 | 8>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  i64: 8,
}

/** Enumerations of the interface: a C enum is a signed 32-bit number. */
const ENUMERATIONS = [
  'DEVICE_REGISTRY_PROPERTY', 'DMA_SPEED', 'DMA_WIDTH', 'EVENT_TYPE', 'EX_POOL_PRIORITY', 'INTERFACE_TYPE', 'KDPC_IMPORTANCE',
  'KEY_VALUE_INFORMATION_CLASS', 'KINTERRUPT_MODE', 'KINTERRUPT_POLARITY', 'KWAIT_REASON', 'MM_PAGE_PRIORITY',
  'NDIS_DEVICE_PNP_EVENT', 'NDIS_DEVICE_POWER_STATE', 'NDIS_DMA_SIZE', 'NDIS_HALT_ACTION', 'NDIS_INTERFACE_TYPE',
  'NDIS_INTERRUPT_MODE', 'NDIS_INTERRUPT_MODERATION', 'NDIS_INTERRUPT_TYPE', 'NDIS_MEDIA_CONNECT_STATE', 'NDIS_MEDIA_DUPLEX_STATE',
  'NDIS_MEDIUM', 'NDIS_NET_BUFFER_LIST_INFO', 'NDIS_PARAMETER_TYPE', 'NDIS_PER_PACKET_INFO', 'NDIS_PHYSICAL_MEDIUM',
  'NDIS_PORT_AUTHORIZATION_STATE', 'NDIS_PORT_CONTROL_STATE', 'NDIS_REQUEST_TYPE', 'NDIS_SHUTDOWN_ACTION',
  'NDIS_SUPPORTED_PAUSE_FUNCTIONS', 'NDIS_TASK', 'NET_IF_ACCESS_TYPE', 'NET_IF_CONNECTION_TYPE', 'NET_IF_DIRECTION_TYPE',
  'NET_IF_OPER_STATUS', 'NET_PNP_EVENT_CODE', 'POOL_TYPE', 'TIMER_TYPE', 'WORK_QUEUE_TYPE',
] as const // prettier-ignore

/** Scalar types by the names of ndis.h and what they are in memory. NDIS_STATUS is signed: failures are negative. */
export const SCALARS: Readonly<Record<string, ScalarKind>> = {
  UCHAR: 'u8', CHAR: 'i8', CCHAR: 'i8', BOOLEAN: 'u8', KIRQL: 'u8', KPROCESSOR_MODE: 'i8', USHORT: 'u16', SHORT: 'i16',
  CSHORT: 'i16', WCHAR: 'u16', NET_IFTYPE: 'u16', NDIS_SWITCH_NIC_INDEX: 'u16', UINT: 'u32', INT: 'i32', UINT32: 'u32',
  ULONG: 'u32', LONG: 'i32', ULONG_PTR: 'u32', SIZE_T: 'u32', BOOL: 'i32', PVOID: 'u32', HANDLE: 'u32', NDIS_HANDLE: 'u32',
  KSPIN_LOCK: 'u32', KAFFINITY: 'u32', KPRIORITY: 'i32', NDIS_STATUS: 'i32', NTSTATUS: 'i32', NDIS_ERROR_CODE: 'u32',
  NDIS_OID: 'u32', NDIS_PORT_NUMBER: 'u32', NDIS_SWITCH_PORT_ID: 'u32', NET_IFINDEX: 'u32', NET_IF_COMPARTMENT_ID: 'u32',
  ULONGLONG: 'u64', ULONG64: 'u64', LONGLONG: 'i64', LONG64: 'i64',
  ...Object.fromEntries(ENUMERATIONS.map((name): [string, ScalarKind] => [name, 'i32'])),
} // prettier-ignore

/** Reads and writes of a scalar kind without a check. */
export function scalarAccess(
  k: Kernel,
  kind: ScalarKind,
): { read(address: number): number | bigint; write(address: number, value: number | bigint): void } {
  const { space } = k
  switch (kind) {
    case 'u8':
      return { read: space.r8, write: (a, v) => space.w8(a, Number(v)) }
    case 'i8':
      return { read: (a) => (space.r8(a) << 24) >> 24, write: (a, v) => space.w8(a, Number(v)) }
    case 'u16':
      return { read: space.r16, write: (a, v) => space.w16(a, Number(v)) }
    case 'i16':
      return { read: (a) => (space.r16(a) << 16) >> 16, write: (a, v) => space.w16(a, Number(v)) }
    case 'u32':
      return { read: space.r32, write: (a, v) => space.w32(a, Number(v)) }
    case 'i32':
      return { read: (a) => space.r32(a) | 0, write: (a, v) => space.w32(a, Number(v)) }
    case 'u64':
      return { read: space.r64, write: (a, v) => space.w64(a, BigInt(v)) }
    case 'i64':
      return { read: (a) => BigInt.asIntN(64, space.r64(a)), write: (a, v) => space.w64(a, BigInt(v)) }
  }
}

/** The sign of a value that came from a register. */
const SIGNED: Partial<Record<ScalarKind, (value: number) => number>> = {
  i8: (value) => (value << 24) >> 24,
  i16: (value) => (value << 16) >> 16,
  i32: (value) => value | 0,
}

/** The same in mapped device memory, one access of the scalar's width; 64 bits are two, the lower half first. 0 elsewhere. */
export function deviceAccess(
  { windows }: Kernel,
  kind: ScalarKind,
): { read(address: number): number | bigint; write(address: number, value: number | bigint): void } {
  const size = SCALAR_SIZE[kind]
  if (size === 8)
    return {
      read(address) {
        const low = BigInt(windows.read(address, 4))
        const all = (BigInt(windows.read(address + 4, 4)) << 32n) | low
        return kind === 'i64' ? BigInt.asIntN(64, all) : all
      },
      write(address, value) {
        windows.write(address, 4, Number(BigInt.asUintN(32, BigInt(value))))
        windows.write(address + 4, 4, Number(BigInt.asUintN(32, BigInt(value) >> 32n)))
      },
    }
  const width = size
  const sign = SIGNED[kind] ?? ((value: number) => value)
  return {
    read: (address) => sign(windows.read(address, width)),
    write: (address, value) => windows.write(address, width, unsigned(Number(value), width)),
  }
}
