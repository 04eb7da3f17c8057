import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { INFO_SLOTS } from '../ndis/net-buffer-info'
import { hex } from './hex'
import type { RuleFamily } from './rules'

const CONTEXT_AT = layout('NET_BUFFER_LIST', 'Context').Context
const CONTEXT_HEADER = layout('NET_BUFFER_LIST_CONTEXT', 'ContextData').ContextData

/** Accessors of NET_BUFFER_LISTs that look further than at a member: the context, the slots of the information. */
export function netBufferAccessRules(k: Kernel): RuleFamily {
  const { r32 } = k.space
  const context = (fn: string) => (list: number) => !k.access.range(fn, r32(list + CONTEXT_AT), CONTEXT_HEADER, false)
  return {
    before: {
      NET_BUFFER_LIST_CONTEXT_DATA_START: context('NET_BUFFER_LIST_CONTEXT_DATA_START'),
      NET_BUFFER_LIST_CONTEXT_DATA_SIZE: context('NET_BUFFER_LIST_CONTEXT_DATA_SIZE'),
      NET_BUFFER_LIST_INFO(list: number, id: number) {
        if (Number.isInteger(id) && id >= 0 && id < INFO_SLOTS) return false
        k.verifier.violation(
          'NetBufferListInfoId',
          'NET_BUFFER_LIST_INFO',
          `${String(id)} is no NDIS_NET_BUFFER_LIST_INFO value: the list at ${hex(list)} has ${INFO_SLOTS} slots.`,
        )
        return true
      },
    },
  }
}
