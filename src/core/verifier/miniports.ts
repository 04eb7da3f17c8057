import type { Kernel } from '../kernel/kernel'
import { functionMembers, layout } from '../memory/layout'
import type { OutParam } from '../memory/cell'
import { ADAPTER_OBJECT } from '../ndis/adapters'
import type { DriverLife } from '../ndis/driver'
import type { Executive } from '../ndis/executive'
import { missingHandlers5, sizeOfVersion5 } from '../ndis/miniport5-characteristics'
import { FILTER_DRIVER_OBJECT } from '../ndis/filter6'
import { MINIPORT_DRIVER_OBJECT } from '../ndis/miniport6'
import { BINDING_OBJECT, FILTER_OBJECT } from '../ndis/ndis6'
import { PROTOCOL_OBJECT } from '../ndis/protocol6'
import { readMiniportCharacteristics } from '../ndis/characteristics6'
import { NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from '../ndis/status'
import { WRAPPER_OBJECT } from '../ndis/wrapper'
import { badHandle } from './handles'
import type { RuleFamily } from './rules'

const VERSION5 = layout('NDIS_MINIPORT_CHARACTERISTICS', 'MajorNdisVersion', 'MinorNdisVersion')
const HANDLERS5 = functionMembers('NDIS_MINIPORT_CHARACTERISTICS')

/** What may have optional handlers (DDI ndissetoptionalhandlers). */
const OPTIONAL_OWNERS = [MINIPORT_DRIVER_OBJECT, PROTOCOL_OBJECT, BINDING_OBJECT, FILTER_DRIVER_OBJECT, FILTER_OBJECT]

/** Registration of miniports and their adapters: why a registration is refused, and what comes at the wrong time. */
export function miniportRules(k: Kernel, driver: DriverLife, { adapters }: Executive): RuleFamily {
  const { space, access } = k
  const { violation } = k.verifier
  const characteristics = (fn: string, why: string): void =>
    violation('MiniportCharacteristics', fn, `${fn} refuses the characteristics: ${why}.`)

  function wrapper(fn: string, SystemSpecific1: number): boolean {
    if (SystemSpecific1 !== driver.object)
      violation('WrapperDriverObject', fn, `SystemSpecific1 of ${fn} is the DriverObject that DriverEntry was given.`)
    return false
  }
  function register5(handle: number, address: number, length: number): boolean {
    const fn = 'NdisMRegisterMiniport'
    badHandle(k, fn, handle, WRAPPER_OBJECT)
    const given = Number(length) >>> 0
    if (!access.range(fn, Number(address) >>> 0, Math.min(Math.max(given, 2), VERSION5.SIZE), false)) return true
    const major = space.r8(address + VERSION5.MajorNdisVersion)
    const minor = space.r8(address + VERSION5.MinorNdisVersion)
    const size = sizeOfVersion5((major << 16) | minor)
    if (size === undefined) characteristics(fn, `there is no NDIS ${major}.${minor} for miniports of this kind`)
    else if (given < size)
      characteristics(fn, `${given} bytes are too few for NDIS ${major}.${minor}, which has ${size}`)
    else {
      const missing = missingHandlers5(
        Object.fromEntries(
          HANDLERS5.map(({ name, offset }) => [name, offset < size ? space.r32(address + offset) : 0]),
        ),
      )
      if (missing.length > 0) characteristics(fn, `${missing.join(', ')} must be there`)
    }
    return false
  }
  function register6(address: number): boolean {
    const fn = 'NdisMRegisterMiniportDriver'
    const { isOne, version, missing } = readMiniportCharacteristics(space, address)
    if (!isOne)
      characteristics(
        fn,
        'Header must have the type NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS, a revision and its size',
      )
    else if (version === 0) characteristics(fn, 'MajorNdisVersion and MinorNdisVersion name no version of NDIS 6')
    else if (missing.length > 0) characteristics(fn, `${missing.join(', ')} must be there`)
    return false
  }
  /** Attributes are set while the adapter initializes; true when there is no such adapter. */
  function attributes(fn: string, handle: number): boolean {
    const adapter = adapters.find(handle)
    if (!adapter) badHandle(k, fn, handle, ADAPTER_OBJECT)
    else if (adapter.phase !== 'initializing')
      violation('AttributesOutsideInitialize', fn, `${fn} is called outside of MiniportInitialize.`)
    return false
  }
  function initialized(status: number, name: string, fromNdis5: boolean): void {
    if (status === NDIS_STATUS_PENDING)
      violation('InitializePending', name, `${name} returned NDIS_STATUS_PENDING; it must be done when it returns.`)
    else if (status !== NDIS_STATUS_SUCCESS) return
    let newest: { attributesSet: boolean } | undefined
    adapters.forEach((adapter) => (newest = adapter))
    if (newest && !newest.attributesSet)
      violation(
        'AttributesNotSet',
        name,
        fromNdis5
          ? `${name} succeeded without NdisMSetAttributesEx: NDIS has no context to call the miniport with.`
          : `${name} succeeded without its registration attributes (NdisMSetMiniportAttributes): NDIS halts the adapter.`,
      )
  }
  driver.returned.push((entry, result) => {
    const status = Number(result ?? 0) | 0
    if (entry === 'MiniportInitialize') initialized(status, 'MiniportInitialize', true)
    else if (entry === 'MINIPORT_INITIALIZE') initialized(status, 'MiniportInitializeEx', false)
    else if (entry === 'MINIPORT_PAUSE' && status !== NDIS_STATUS_SUCCESS && status !== NDIS_STATUS_PENDING)
      violation(
        'MiniportPause_Return',
        'MiniportPause',
        'MiniportPause may return NDIS_STATUS_SUCCESS and NDIS_STATUS_PENDING and nothing else: it cannot fail.',
      )
  })
  adapters.watch({
    mediumMissed: () =>
      violation(
        'SelectedMediumIndex',
        'MiniportInitialize',
        'MiniportInitialize succeeded and set no SelectedMediumIndex within MediumArray: NDIS halts the adapter at once.',
      ),
  })

  return {
    before: {
      NdisMInitializeWrapper: (_handle: OutParam, object: number) => wrapper('NdisMInitializeWrapper', object),
      NdisInitializeWrapper: (_handle: OutParam, object: number) => wrapper('NdisInitializeWrapper', object),
      NdisTerminateWrapper: (handle: number) => badHandle(k, 'NdisTerminateWrapper', handle, WRAPPER_OBJECT),
      NdisMRegisterUnloadHandler: (handle: number) =>
        badHandle(k, 'NdisMRegisterUnloadHandler', handle, WRAPPER_OBJECT),
      NdisMRegisterMiniport: register5,
      NdisMRegisterMiniportDriver: (_object: number, _path: number, _context: number, address: number) =>
        register6(address),
      NdisMDeregisterMiniportDriver: (handle: number) =>
        badHandle(k, 'NdisMDeregisterMiniportDriver', handle, MINIPORT_DRIVER_OBJECT),
      NdisSetOptionalHandlers(handle: number) {
        if (!OPTIONAL_OWNERS.some((kind) => k.objects.find(handle, kind)))
          badHandle(k, 'NdisSetOptionalHandlers', handle, MINIPORT_DRIVER_OBJECT)
        return false
      },
      NdisMSetAttributes: (handle: number) => attributes('NdisMSetAttributes', handle),
      NdisMSetAttributesEx: (handle: number) => attributes('NdisMSetAttributesEx', handle),
      NdisMSetMiniportAttributes: (handle: number) => attributes('NdisMSetMiniportAttributes', handle),
    },
  }
}
