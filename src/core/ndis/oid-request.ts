import type { AddressSpace } from '../memory/address-space'
import { layout } from '../memory/layout'
import { constant } from './constants'
import { writeHeader } from './object-header'

const REQUEST = layout(
  'NDIS_OID_REQUEST',
  'RequestType', 'PortNumber', 'Timeout', 'RequestId', 'RequestHandle', 'DATA.QUERY_INFORMATION.Oid',
  'DATA.QUERY_INFORMATION.InformationBuffer', 'DATA.QUERY_INFORMATION.InformationBufferLength',
  'DATA.QUERY_INFORMATION.BytesWritten', 'DATA.QUERY_INFORMATION.BytesNeeded', 'DATA.METHOD_INFORMATION.OutputBufferLength',
  'DATA.METHOD_INFORMATION.BytesWritten', 'DATA.METHOD_INFORMATION.BytesNeeded', 'DATA.METHOD_INFORMATION.BytesRead',
) // prettier-ignore
export const OID_REQUEST_BYTES = REQUEST.SIZE
export const OID_KIND = {
  QUERY: constant('NdisRequestQueryInformation'),
  SET: constant('NdisRequestSetInformation'),
  STATISTICS: constant('NdisRequestQueryStatistics'),
  METHOD: constant('NdisRequestMethod'),
} as const
export const OID_REQUEST_HEADER = {
  type: constant('NDIS_OBJECT_TYPE_OID_REQUEST'),
  size: constant('NDIS_SIZEOF_OID_REQUEST_REVISION_1'),
}

/** The members of an NDIS_OID_REQUEST; query and set share their places. Lengths in bytes. */
export function createOidRequests(space: AddressSpace) {
  const { r32, w32 } = space
  const member =
    (offset: number) =>
    (request: number): number =>
      r32(request + offset)
  const oid = member(REQUEST['DATA.QUERY_INFORMATION.Oid'])
  const kind = member(REQUEST.RequestType)
  return {
    kind,
    oid,
    id: member(REQUEST.RequestId),
    handle: member(REQUEST.RequestHandle),
    buffer: member(REQUEST['DATA.QUERY_INFORMATION.InformationBuffer']),
    length: member(REQUEST['DATA.QUERY_INFORMATION.InformationBufferLength']),
    /** BytesWritten of a query, BytesRead of a set. */
    done: member(REQUEST['DATA.QUERY_INFORMATION.BytesWritten']),
    needed: member(REQUEST['DATA.QUERY_INFORMATION.BytesNeeded']),
    setDone: (request: number, bytes: number): void =>
      w32(request + REQUEST['DATA.QUERY_INFORMATION.BytesWritten'], bytes),
    setNeeded: (request: number, bytes: number): void =>
      w32(request + REQUEST['DATA.QUERY_INFORMATION.BytesNeeded'], bytes),
    /** A request of NDIS itself. */
    build(request: number, of: number, wanted: number, buffer: number, length: number): void {
      writeHeader(
        space,
        request,
        OID_REQUEST_HEADER.type,
        constant('NDIS_OID_REQUEST_REVISION_1'),
        OID_REQUEST_HEADER.size,
      )
      w32(request + REQUEST.RequestType, of)
      w32(request + REQUEST['DATA.QUERY_INFORMATION.Oid'], wanted)
      w32(request + REQUEST['DATA.QUERY_INFORMATION.InformationBuffer'], buffer)
      w32(request + REQUEST['DATA.QUERY_INFORMATION.InformationBufferLength'], length)
    },
    setHandle: (request: number, handle: number): void => w32(request + REQUEST.RequestHandle, handle),
  }
}
export type OidRequests = ReturnType<typeof createOidRequests>
