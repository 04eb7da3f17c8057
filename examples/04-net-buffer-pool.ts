/**
 * NET_BUFFER pools, with and without data
 *
 * A pool made with DataSize 0 gives bare NET_BUFFERs for memory that you bring. A pool with a DataSize gives each
 * NET_BUFFER its MDL and its data in one piece, and only by NdisAllocateNetBufferMdlAndData.
 */
import {
  bytes,
  DbgPrint,
  NDIS_OBJECT_TYPE_DEFAULT,
  NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
  NdisAdvanceNetBufferDataStart,
  NdisAllocateNetBufferMdlAndData,
  NdisAllocateNetBufferPool,
  NdisFreeNetBuffer,
  NdisFreeNetBufferPool,
  NdisGetDataBuffer,
  NdisRetreatNetBufferDataStart,
  NET_BUFFER,
  NET_BUFFER_POOL_PARAMETERS,
  NET_BUFFER_POOL_PARAMETERS_REVISION_1,
  storage,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'

const TAG = 0x31426e54 // 'TnB1'
const DATA_SIZE = 128
const ETHERNET_HEADER = 14

export function DriverEntry(_DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Parameters = storage(NET_BUFFER_POOL_PARAMETERS)
  const parameters = NET_BUFFER_POOL_PARAMETERS.at(Parameters)
  parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT
  parameters.Header.Revision = NET_BUFFER_POOL_PARAMETERS_REVISION_1
  parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1
  parameters.PoolTag = TAG
  parameters.DataSize = DATA_SIZE

  const Pool = NdisAllocateNetBufferPool(0, Parameters)
  if (Pool === 0) return NDIS_STATUS_RESOURCES

  const NetBuffer = NdisAllocateNetBufferMdlAndData(Pool)
  if (NetBuffer === 0) {
    NdisFreeNetBufferPool(Pool)
    return NDIS_STATUS_RESOURCES
  }
  const view = NET_BUFFER.at(NetBuffer)
  DbgPrint('new:       offset %3d, length %3d\n', view.DataOffset, view.DataLength)

  // Retreat makes room in front: 50 bytes of payload first, then the header before it.
  NdisRetreatNetBufferDataStart(NetBuffer, 50, 0, 0)
  NdisRetreatNetBufferDataStart(NetBuffer, ETHERNET_HEADER, 0, 0)
  DbgPrint('retreated: offset %3d, length %3d\n', view.DataOffset, view.DataLength)

  const header = NdisGetDataBuffer(NetBuffer, ETHERNET_HEADER, 0, 1, 0)
  if (header !== 0) bytes(header, ETHERNET_HEADER).fill(0xff, 0, 6)

  // Advance takes the header off again, as a receiver does when it hands the payload up.
  NdisAdvanceNetBufferDataStart(NetBuffer, ETHERNET_HEADER, 0, 0)
  DbgPrint('advanced:  offset %3d, length %3d\n', view.DataOffset, view.DataLength)

  // One call frees the NET_BUFFER with its MDL and data; the pool goes last.
  NdisFreeNetBuffer(NetBuffer)
  NdisFreeNetBufferPool(Pool)
  return NDIS_STATUS_SUCCESS
}
