// What the drivers of this suite print with.
import {
  DbgPrint,
  NDIS_STATUS_BUFFER_TOO_SHORT,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_PARAMETER,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_PAUSED,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from 'ndis'

const NAMES = new Map<number, string>([
  [NDIS_STATUS_SUCCESS, 'SUCCESS'],
  [NDIS_STATUS_PENDING, 'PENDING'],
  [NDIS_STATUS_RESOURCES, 'RESOURCES'],
  [NDIS_STATUS_FAILURE, 'FAILURE'],
  [NDIS_STATUS_INVALID_PARAMETER, 'INVALID_PARAMETER'],
  [NDIS_STATUS_NOT_SUPPORTED, 'NOT_SUPPORTED'],
  [NDIS_STATUS_PAUSED, 'PAUSED'],
  [NDIS_STATUS_BUFFER_TOO_SHORT, 'BUFFER_TOO_SHORT'],
])

/** A line of debug output: the values with a space between them. */
export function say(...values: readonly unknown[]): void {
  DbgPrint('%s\n', values.map(String).join(' '))
}

/** The name of an NDIS_STATUS, or its digits. */
export function nameOf(status: number): string {
  return NAMES.get(status) ?? `0x${(status >>> 0).toString(16)}`
}
