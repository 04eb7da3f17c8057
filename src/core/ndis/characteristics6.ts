import type { AddressSpace } from '../memory/address-space'
import { functionMembers, layout } from '../memory/layout'
import { constant } from './constants'
import { isObject } from './object-header'

const MINOR_VERSIONS: readonly number[] = [0, 1, 20, 30, 40, 50, 51, 60, 70, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89]

export interface Characteristics6 {
  /** The header is what it must be. */
  readonly isOne: boolean
  /** major << 16 | minor; 0 for one that there is not. */
  readonly version: number
  readonly handlers: Readonly<Record<string, number>>
  /** Handlers that must be there and are not, by name. */
  readonly missing: readonly string[]
}

/** The characteristics that a kind of NDIS 6 driver registers with. */
function reader(kind: 'MINIPORT' | 'PROTOCOL' | 'FILTER', required: readonly string[]) {
  const struct = `NDIS_${kind}_DRIVER_CHARACTERISTICS`
  const at = layout(struct, 'Header.Size', 'MajorNdisVersion', 'MinorNdisVersion')
  const members = functionMembers(struct)
  const header = {
    type: constant(`NDIS_OBJECT_TYPE_${struct.slice('NDIS_'.length)}`),
    size: constant(`NDIS_SIZEOF_${struct.slice('NDIS_'.length)}_REVISION_1`),
  }
  return (space: AddressSpace, address: number): Characteristics6 => {
    const size = space.r16(address + at['Header.Size'])
    const major = space.r8(address + at.MajorNdisVersion)
    const minor = space.r8(address + at.MinorNdisVersion)
    const handlers = Object.fromEntries(
      members.map(({ name, offset }) => [name, offset < size ? space.r32(address + offset) : 0]),
    )
    return {
      isOne: isObject(space, address, header),
      version: major === 6 && MINOR_VERSIONS.includes(minor) ? (major << 16) | minor : 0,
      handlers,
      missing: required.filter((name) => !handlers[name]),
    }
  }
}

/** DDI ndismregisterminiportdriver. */
export const readMiniportCharacteristics = reader('MINIPORT', [
  'InitializeHandlerEx',
  'HaltHandlerEx',
  'UnloadHandler',
  'PauseHandler',
  'RestartHandler',
  'OidRequestHandler',
  'SendNetBufferListsHandler',
  'ReturnNetBufferListsHandler',
  'CancelSendHandler',
  'DevicePnPEventNotifyHandler',
  'ShutdownHandlerEx',
  'CancelOidRequestHandler',
])
/** DDI ndis_protocol_driver_characteristics. */
export const readProtocolCharacteristics = reader('PROTOCOL', [
  'BindAdapterHandlerEx',
  'UnbindAdapterHandlerEx',
  'OpenAdapterCompleteHandlerEx',
  'NetPnPEventHandler',
  'CloseAdapterCompleteHandlerEx',
  'OidRequestCompleteHandler',
  'ReceiveNetBufferListsHandler',
  'SendNetBufferListsCompleteHandler',
])
/** DDI ndis_filter_driver_characteristics. */
export const readFilterCharacteristics = reader('FILTER', [
  'AttachHandler',
  'DetachHandler',
  'RestartHandler',
  'PauseHandler',
])
