import { TICKS_PER_MS } from '../clock/clock'
import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { Network } from '../ndis/network'
import { OID_KIND } from '../ndis/oid-request'
import { NDIS_STATUS_PENDING } from '../ndis/status'
import type { RuleFamily } from './rules'
import type { Handles5 } from './stacks5-handles'
import { createWatch } from './watch'

const REQUEST = layout(
  'NDIS_REQUEST',
  'RequestType',
  'DATA.QUERY_INFORMATION.InformationBuffer',
  'DATA.QUERY_INFORMATION.InformationBufferLength',
)
/** Driver Verifier NdisTimedOidComplete. */
const OID_TICKS = 12_000 * TICKS_PER_MS

/** OID requests and resets of NDIS 3 to 5 (PV NdisRequest, NdisReset and what completes them). */
export function requestRules5(k: Kernel, network: Network, handles: Handles5): RuleFamily {
  const { space, verifier, access } = k
  const { violation } = verifier

  const watch = createWatch(k, OID_TICKS, (limit) => {
    let oldest = Infinity
    for (const { requester } of network.units5.values()) {
      const current = requester.current()
      if (!current) continue
      if (current.since > limit) oldest = Math.min(oldest, current.since)
      else
        violation(
          'NdisTimedOidComplete',
          current.set ? 'MiniportSetInformation' : 'MiniportQueryInformation',
          `The OID request 0x${current.oid.toString(16).padStart(8, '0')} was not completed in 12 seconds.`,
        )
    }
    return oldest
  })
  function badBuffer(request: number): boolean {
    const length = space.r32(request + REQUEST['DATA.QUERY_INFORMATION.InformationBufferLength'])
    const write = space.r32(request + REQUEST.RequestType) !== OID_KIND.SET
    const before = verifier.count()
    if (length > 0)
      access.range(
        'NdisRequest',
        space.r32(request + REQUEST['DATA.QUERY_INFORMATION.InformationBuffer']),
        length,
        write,
      )
    return verifier.count() !== before
  }
  const complete = (fn: string, rule: string, what: string) => (handle: number, status: number) => {
    if (handles.badAdapter(fn, handle)) return true
    if ((status | 0) === NDIS_STATUS_PENDING)
      violation(rule, fn, `${fn} ends ${what} with NDIS_STATUS_PENDING, which is no end.`)
    return false
  }

  return {
    before: {
      NdisRequest(_Status: unknown, handle: number, request: number) {
        handles.binding('NdisRequest', handle)
        return badBuffer(request)
      },
      NdisReset(_Status: unknown, handle: number) {
        handles.binding('NdisReset', handle)
        return false
      },
      NdisMQueryInformationComplete: complete('NdisMQueryInformationComplete', 'NdisOidComplete', 'a query'),
      NdisMSetInformationComplete: complete('NdisMSetInformationComplete', 'NdisOidComplete', 'a set'),
      NdisMResetComplete: complete('NdisMResetComplete', 'ResetCompletePending', 'a reset'),
    },
    after: {
      NdisRequest: () => watch.started(),
    },
  }
}
