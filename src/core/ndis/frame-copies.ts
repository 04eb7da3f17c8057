import type { Kernel } from '../kernel/kernel'
import type { NdisRecords } from './ndis-record'

/** A received frame as ProtocolReceive sees it. Addresses and bytes. */
export interface Frame5 {
  readonly context: number
  readonly header: number
  readonly headerBytes: number
  readonly lookahead: number
  readonly lookaheadBytes: number
  /** All of the frame behind the header. */
  readonly bytes: number
}

/**
 * Header and lookahead are valid until ProtocolReceive returns, and no byte more than their sizes say (PV ProtocolReceive).
 * With the rules on, protocols so get copies that end there and are gone afterwards: whoever reads on or keeps them is seen.
 */
export function createFrameCopies(k: Kernel, records: NdisRecords) {
  const { space } = k
  function copy(from: number, bytes: number): number {
    const to = records.allocate(Math.max(1, bytes))
    if (to !== 0) space.u8.copyWithin(to, from, from + bytes)
    return to
  }
  return (frame: Frame5, run: (header: number, lookahead: number) => void): void => {
    const header = k.verifier.enabled ? copy(frame.header, frame.headerBytes) : 0
    const lookahead = header === 0 ? 0 : copy(frame.lookahead, frame.lookaheadBytes)
    run(header || frame.header, lookahead || frame.lookahead)
    if (header !== 0) records.free(header)
    if (lookahead !== 0) records.free(lookahead)
  }
}
