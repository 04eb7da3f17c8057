import type { Adapter, OidOutcome } from '../ndis/adapters'
import { constant } from '../ndis/constants'
import { mergeSets, rememberSet, type Wanted } from '../ndis/merged-sets'

const PACKET_FILTER = constant('OID_GEN_CURRENT_PACKET_FILTER')

/** Sets what a binding of the workbench receives, in the NIC for all bindings together; undefined when nobody asks it. */
export function setPacketFilter(
  adapter: Adapter,
  binding: Wanted,
  all: readonly Wanted[],
  bits: number,
): OidOutcome | undefined {
  const value = new Uint8Array(new Uint32Array([bits]).buffer)
  const outcome = adapter.control?.set(PACKET_FILTER, mergeSets(binding, all, PACKET_FILTER, value))
  if (outcome?.status === 0) rememberSet(binding, PACKET_FILTER, value)
  return outcome
}
