import type { Kernel } from '../kernel/kernel'
import { constant } from './constants'
import { NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from './status'

const NOT_ACCEPTED = constant('NDIS_STATUS_NOT_ACCEPTED')
const REQUEST_ABORTED = constant('NDIS_STATUS_REQUEST_ABORTED')
const SET_POWER = constant('OID_PNP_SET_POWER')
/** What takes something back (Driver Verifier NdisOidComplete), as far as the interface has it. */
const TAKES_BACK: ReadonlySet<number> = new Set(
  [
    'OID_802_3_DELETE_MULTICAST_ADDRESS',
    'OID_PM_REMOVE_PROTOCOL_OFFLOAD',
    'OID_PM_REMOVE_WOL_PATTERN',
    'OID_RECEIVE_FILTER_CLEAR_FILTER',
    'OID_RECEIVE_FILTER_FREE_QUEUE',
  ].map(constant),
)
const ALLOWED: ReadonlySet<number> = new Set([
  NDIS_STATUS_SUCCESS,
  NDIS_STATUS_PENDING,
  NOT_ACCEPTED,
  // Not on the list of the rule: what a miniport says of an OID that it does not have, or of a buffer that is too short.
  NDIS_STATUS_NOT_SUPPORTED,
  constant('NDIS_STATUS_INVALID_LENGTH'),
  constant('NDIS_STATUS_BUFFER_TOO_SHORT'),
])

/** NdisOidComplete: requests that a miniport must not fail. `fn`: the call or the callback that gave the status. */
export function checkMustSucceed({ verifier }: Kernel, fn: string, oid: number, status: number): void {
  if (oid !== SET_POWER && !TAKES_BACK.has(oid)) return
  if (ALLOWED.has(status) || (status === REQUEST_ABORTED && oid !== SET_POWER)) return
  verifier.violation(
    'NdisOidComplete',
    fn,
    `${fn} ends the OID request 0x${oid.toString(16).padStart(8, '0')} with 0x${(status >>> 0).toString(16)}: a miniport that has this OID must not fail it.`,
  )
}
