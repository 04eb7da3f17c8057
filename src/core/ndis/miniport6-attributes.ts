import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { OID_LIST } from './adapter-facts'
import type { Adapters } from './adapters'
import { constant } from './constants'
import { isObject, objectType } from './object-header'
import { MINIPORT_DRIVER_OBJECT } from './miniport6'
import { PROTOCOL_OBJECT } from './protocol6'
import {
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_PARAMETER,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_SUCCESS,
} from './status'

const REGISTRATION = layout(
  'NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES',
  'MiniportAdapterContext',
  'AttributeFlags',
  'CheckForHangTimeInSeconds',
)
const REGISTRATION_TYPE = constant('NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES')
/** Object types of the attributes and the bytes of their first revisions. */
const KINDS: ReadonlyMap<number, number> = new Map(
  [
    'MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES',
    'MINIPORT_ADAPTER_GENERAL_ATTRIBUTES',
    'MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES',
    'MINIPORT_ADD_DEVICE_REGISTRATION_ATTRIBUTES',
  ].map((name) => [constant(`NDIS_OBJECT_TYPE_${name}`), constant(`NDIS_SIZEOF_${name}_REVISION_1`)]),
)

const OTHER_OWNERS = [MINIPORT_DRIVER_OBJECT, PROTOCOL_OBJECT]
/** More than any miniport has; what is beyond is a wrong length. */
const MOST_OIDS = 4096

/** What a miniport tells NDIS of its adapter (DDI ndismsetminiportattributes, ndissetoptionalhandlers). */
export function createMiniportAttributes(
  k: Kernel,
  adapters: Adapters,
  setFilterHandlers: (handle: number, handlers: number) => number | undefined,
) {
  const { space, preempt } = k
  const { r32 } = space
  /** The list is the driver's and may go away when the call returns. */
  function readOids(attributes: number): number[] {
    const at = r32(attributes + OID_LIST.at)
    const count = Math.min(r32(attributes + OID_LIST.bytes) >>> 2, MOST_OIDS)
    return at === 0 ? [] : Array.from({ length: count }, (_unused, index) => r32(at + 4 * index))
  }
  return {
    NdisMSetMiniportAttributes(NdisMiniportHandle: number, MiniportAttributes: number): number {
      preempt()
      const adapter = adapters.find(NdisMiniportHandle)
      const type = objectType(space, MiniportAttributes)
      const size = KINDS.get(type)
      if (size === undefined || !isObject(space, MiniportAttributes, { type, size }))
        return NDIS_STATUS_INVALID_PARAMETER
      if (!adapter || adapter.phase !== 'initializing') return NDIS_STATUS_FAILURE
      if (type === REGISTRATION_TYPE) {
        adapter.context = r32(MiniportAttributes + REGISTRATION.MiniportAdapterContext)
        adapter.attributeFlags = r32(MiniportAttributes + REGISTRATION.AttributeFlags)
        adapter.checkForHangSeconds = r32(MiniportAttributes + REGISTRATION.CheckForHangTimeInSeconds)
        adapter.attributesSet = true
      } else {
        // DDI: the registration attributes come first; NDIS needs the context for all else.
        if (!adapter.attributesSet) return NDIS_STATUS_FAILURE
        const bytes = space.r16(MiniportAttributes + layout('NDIS_OBJECT_HEADER', 'Size').Size)
        adapter.attributes.set(type, space.u8.slice(MiniportAttributes, MiniportAttributes + bytes))
        if (type === OID_LIST.type) adapter.supportedOids = readOids(MiniportAttributes)
      }
      return NDIS_STATUS_SUCCESS
    },
    /**
     * Filter modules change their optional handlers with it. No other optional service of NDIS (PnP handlers, CoNDIS, chimney
     * offload) is emulated: a driver must live without them.
     */
    NdisSetOptionalHandlers(NdisHandle: number, OptionalHandlers: number): number {
      preempt()
      const ofFilter = setFilterHandlers(NdisHandle, OptionalHandlers)
      if (ofFilter !== undefined) return ofFilter
      return OTHER_OWNERS.some((kind) => k.objects.find(NdisHandle, kind))
        ? NDIS_STATUS_NOT_SUPPORTED
        : NDIS_STATUS_FAILURE
    },
  }
}
