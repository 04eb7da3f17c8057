import type { AddressSpace } from '../memory/address-space'
import { functionMembers, layout } from '../memory/layout'
import { constant } from './constants'
import { isObject } from './object-header'

const CHARACTERISTICS = layout(
  'NDIS_MINIPORT_DRIVER_CHARACTERISTICS',
  'Header.Size',
  'MajorNdisVersion',
  'MinorNdisVersion',
)
const HANDLERS = functionMembers('NDIS_MINIPORT_DRIVER_CHARACTERISTICS')
const HEADER = {
  type: constant('NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS'),
  size: constant('NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1'),
}
const MINOR_VERSIONS: readonly number[] = [0, 1, 20, 30, 40, 50, 51, 60, 70, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89]
const REQUIRED = [
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
] as const

export interface Characteristics6 {
  /** The header is what it must be. */
  readonly isOne: boolean
  /** major << 16 | minor; 0 for one that there is not. */
  readonly version: number
  readonly handlers: Readonly<Record<string, number>>
  /** Handlers that must be there and are not, by name (DDI ndismregisterminiportdriver). */
  readonly missing: readonly string[]
}

export function readCharacteristics6(space: AddressSpace, address: number): Characteristics6 {
  const size = space.r16(address + CHARACTERISTICS['Header.Size'])
  const major = space.r8(address + CHARACTERISTICS.MajorNdisVersion)
  const minor = space.r8(address + CHARACTERISTICS.MinorNdisVersion)
  const handlers = Object.fromEntries(
    HANDLERS.map(({ name, offset }) => [name, offset < size ? space.r32(address + offset) : 0]),
  )
  return {
    isOne: isObject(space, address, HEADER),
    version: major === 6 && MINOR_VERSIONS.includes(minor) ? (major << 16) | minor : 0,
    handlers,
    missing: REQUIRED.filter((name) => !handlers[name]),
  }
}
