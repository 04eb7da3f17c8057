/** When a pause is done. */
import {
  NDIS_LOWER_IRQL,
  NDIS_RAISE_IRQL_TO_DISPATCH,
  NdisDprAcquireSpinLock,
  NdisDprReleaseSpinLock,
  NdisMPauseComplete,
  out,
  type KIRQL,
} from 'ndis'
import { DISPATCH_LEVEL, type Adapter } from './adapter'

/** Nothing of ours is above, nothing of those above is here. With both locks held. */
export function isQuiet(adapter: Adapter): boolean {
  const sent = adapter.WaitingHead === 0 && adapter.TransmitClean === adapter.TransmitNext
  const givenBack = adapter.DoneHead === 0 && adapter.Completing === 0
  const returned = adapter.Spare.length + adapter.Receive.length === adapter.Buffers.length
  return sent && givenBack && returned && adapter.Indicating === 0
}

/** Whoever took the last thing back completes a pause that waits for it. With no lock held. */
export function completePauseWhenQuiet(adapter: Adapter): void {
  const OldIrql = out<KIRQL>()
  NDIS_RAISE_IRQL_TO_DISPATCH(OldIrql)
  NdisDprAcquireSpinLock(adapter.SendLock)
  NdisDprAcquireSpinLock(adapter.ReceiveLock)
  const done = adapter.Pausing && isQuiet(adapter)
  if (done) adapter.Pausing = false
  NdisDprReleaseSpinLock(adapter.ReceiveLock)
  NdisDprReleaseSpinLock(adapter.SendLock)
  NDIS_LOWER_IRQL(OldIrql.value, DISPATCH_LEVEL)
  if (done) NdisMPauseComplete(adapter.Handle)
}
