import type { Kernel } from '../kernel/kernel'
import { ADAPTER_OBJECT } from '../ndis/adapters'
import { BINDING_OBJECT, FILTER_OBJECT, type Ndis6 } from '../ndis/ndis6'
import type { Station6 } from '../ndis/stack6'
import { badHandle } from './handles'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

const KIND_OF: Readonly<Record<Station6['kind'], string>> = {
  miniport: ADAPTER_OBJECT,
  filter: FILTER_OBJECT,
  binding: BINDING_OBJECT,
}

/** Handles of adapters, filter modules and bindings. */
export interface StationHandles {
  /** What a handle stands for; reports one that stands for nothing. undefined, too, while an adapter initializes. */
  station(fn: string, handle: number, kind: Station6['kind']): Station6 | undefined
}

export function createStationHandles(k: Kernel, ndis: Ndis6): StationHandles {
  return {
    station(fn, handle, kind) {
      if (badHandle(k, fn, handle, KIND_OF[kind])) return undefined
      const station = ndis.station(handle)
      if (station?.kind !== 'binding' || !station.closing) return station
      k.verifier.violation(
        'InvalidHandle',
        fn,
        `${fn} was given ${hex(handle)}, a binding that is being closed: the handle is invalid as soon as NdisCloseAdapterEx is called.`,
      )
      return undefined
    },
  }
}

/** Functions that take such a handle first, and have no other rule about it. */
const TAKERS: Readonly<Record<Station6['kind'], readonly string[]>> = {
  binding: [
    'NdisCancelSendNetBufferLists', 'NdisCancelOidRequest', 'NdisCancelDirectOidRequest', 'NdisCloseAdapterEx', 'NdisUnbindAdapter',
    'NdisCompleteNetPnPEvent',
  ],
  filter: [
    'NdisFCancelSendNetBufferLists', 'NdisFCancelOidRequest', 'NdisFCancelDirectOidRequest', 'NdisFDevicePnPEventNotify',
    'NdisFNetPnPEvent', 'NdisFSetAttributes', 'NdisFRestartFilter', 'NdisFPauseComplete', 'NdisFRestartComplete',
    'NdisFIndicateStatus',
  ],
  miniport: ['NdisMNetPnPEvent'],
} // prettier-ignore

/** Handles that no other family of the stacks looks at. The functions themselves do nothing with a bad one. */
export function stackHandleRules(handles: StationHandles): RuleFamily {
  const before: Record<string, Before> = {}
  for (const kind of ['binding', 'filter', 'miniport'] as const)
    for (const fn of TAKERS[kind])
      before[fn] = (handle: number) => {
        handles.station(fn, handle, kind)
        return false
      }
  return { before }
}
