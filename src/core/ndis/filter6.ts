import { PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { functionMembers, layout } from '../memory/layout'
import { adapterFacts } from './adapter-facts'
import type { Adapter, Adapters } from './adapters'
import { readFilterCharacteristics } from './characteristics6'
import { constant } from './constants'
import type { DriverLife, LoadedDriver } from './driver'
import type { HandlerCalls } from './handler-calls'
import type { Ndis6 } from './ndis6'
import { isObject, writeHeader } from './object-header'
import type { FilterEnd6, FilterStation, Stack6 } from './stack6'
import { WATCHDOG, type FilterFlow } from './stack6-life'
import {
  NDIS_STATUS_BAD_CHARACTERISTICS,
  NDIS_STATUS_BAD_VERSION,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_PARAMETER,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

export const FILTER_DRIVER_OBJECT = 'filter driver registration'
/** 'NDfd' */
const FILTER_DRIVER_TAG = 0x6466444e
const FILTER_DRIVER_BYTES = 16
const ATTACH = layout(
  'NDIS_FILTER_ATTACH_PARAMETERS',
  'IfIndex', 'FilterModuleGuidName', 'BaseMiniportIfIndex', 'BaseMiniportInstanceName', 'BaseMiniportName',
  'MediaConnectState', 'MediaDuplexState', 'XmitLinkSpeed', 'RcvLinkSpeed', 'MiniportMediaType',
  'MiniportPhysicalMediaType', 'MacAddressLength', 'CurrentMacAddress', 'LowerIfIndex',
) // prettier-ignore
const RESTART = layout(
  'NDIS_FILTER_RESTART_PARAMETERS',
  'MiniportMediaType',
  'MiniportPhysicalMediaType',
  'LowerIfIndex',
)
const PAUSE = layout('NDIS_FILTER_PAUSE_PARAMETERS', 'PauseReason')
const ATTRIBUTES_HEADER = {
  type: constant('NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES'),
  size: constant('NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1'),
}
const PARTIAL_HEADER = {
  type: constant('NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS'),
  size: constant('NDIS_SIZEOF_FILTER_PARTIAL_CHARACTERISTICS_REVISION_1'),
}
const PARTIAL = functionMembers('NDIS_FILTER_PARTIAL_CHARACTERISTICS')
const DETACH_REASON = constant('NDIS_PAUSE_DETACH_FILTER')
const ATTACH_REASON = constant('NDIS_PAUSE_ATTACH_FILTER')
const RESTART_REASON = constant('NDIS_PAUSE_FILTER_RESTART_STACK')

/** A filter driver. */
export interface FilterDriver {
  readonly handle: number
  readonly context: number
  readonly handlers: Readonly<Record<string, number>>
  readonly owner: LoadedDriver
  /** Call site that registered it. */
  readonly site: number
  readonly modules: Set<FilterModule>
}
interface FilterModule {
  readonly driver: FilterDriver
  readonly stack: Stack6
  station: FilterStation
  /** FilterModuleContext. */
  context: number
  attached: boolean
  /** FilterSetModuleOptions runs. */
  choosing: boolean
  handlers: Record<string, number>
}

export function createFilters6(
  k: Kernel,
  parts: {
    readonly adapters: Adapters
    readonly ndis: Ndis6
    readonly driver: DriverLife
    readonly calls: HandlerCalls
  },
) {
  const { space, objects, preempt, scheduler } = k
  const { r32, w8, w16, w32, w64 } = space
  const { put32 } = k.cells
  const { adapters, ndis, driver, calls } = parts
  const { pending, records, life } = ndis
  const drivers = new Map<number, FilterDriver>()
  const modules = new Map<FilterStation, FilterModule>()

  /** What the module has handlers for; all else goes past it. */
  function endOf(module: FilterModule): FilterEnd6 {
    const { handlers } = module
    const to =
      <A extends unknown[]>(member: string, entry: string) =>
      (...args: A): number =>
        calls.call(handlers[member]!, entry, [module.context, ...args])
    const has = (member: string): boolean => handlers[member] !== 0 && handlers[member] !== undefined
    return {
      ...(has('SendNetBufferListsHandler') && {
        send: to('SendNetBufferListsHandler', 'FILTER_SEND_NET_BUFFER_LISTS'),
      }),
      ...(has('SendNetBufferListsCompleteHandler') && {
        sendComplete: to('SendNetBufferListsCompleteHandler', 'FILTER_SEND_NET_BUFFER_LISTS_COMPLETE'),
      }),
      ...(has('CancelSendNetBufferListsHandler') && {
        cancelSend: to('CancelSendNetBufferListsHandler', 'FILTER_CANCEL_SEND_NET_BUFFER_LISTS'),
      }),
      ...(has('ReceiveNetBufferListsHandler') && {
        receive: to('ReceiveNetBufferListsHandler', 'FILTER_RECEIVE_NET_BUFFER_LISTS'),
      }),
      ...(has('ReturnNetBufferListsHandler') && {
        returned: to('ReturnNetBufferListsHandler', 'FILTER_RETURN_NET_BUFFER_LISTS'),
      }),
      ...(has('OidRequestHandler') && { oid: to('OidRequestHandler', 'FILTER_OID_REQUEST') }),
      ...(has('OidRequestCompleteHandler') && {
        oidComplete: to('OidRequestCompleteHandler', 'FILTER_OID_REQUEST_COMPLETE'),
      }),
      ...(has('CancelOidRequestHandler') && {
        cancelOid: to('CancelOidRequestHandler', 'FILTER_CANCEL_OID_REQUEST'),
      }),
      ...(has('DirectOidRequestHandler') && { directOid: to('DirectOidRequestHandler', 'FILTER_DIRECT_OID_REQUEST') }),
      ...(has('DirectOidRequestCompleteHandler') && {
        directOidComplete: to('DirectOidRequestCompleteHandler', 'FILTER_DIRECT_OID_REQUEST_COMPLETE'),
      }),
      ...(has('CancelDirectOidRequestHandler') && {
        cancelDirectOid: to('CancelDirectOidRequestHandler', 'FILTER_CANCEL_DIRECT_OID_REQUEST'),
      }),
      ...(has('StatusHandler') && { status: to('StatusHandler', 'FILTER_STATUS') }),
      ...(has('DevicePnPEventNotifyHandler') && {
        devicePnPEvent: to('DevicePnPEventNotifyHandler', 'FILTER_DEVICE_PNP_EVENT_NOTIFY'),
      }),
      ...(has('NetPnPEventHandler') && { netPnPEvent: to('NetPnPEventHandler', 'FILTER_NET_PNP_EVENT') }),
    }
  }

  const header = (at: number, type: string, revision: string, size: number): void =>
    writeHeader(space, at, constant(`NDIS_OBJECT_TYPE_${type}`), constant(`${revision}_REVISION_1`), size)
  function fillAttach(at: number, adapter: Adapter): void {
    const facts = adapterFacts(adapter)
    header(at, 'FILTER_ATTACH_PARAMETERS', 'NDIS_FILTER_ATTACH_PARAMETERS', ATTACH.SIZE)
    w32(at + ATTACH.IfIndex, adapter.ifIndex)
    w32(at + ATTACH.BaseMiniportIfIndex, adapter.ifIndex)
    w32(at + ATTACH.LowerIfIndex, adapter.ifIndex)
    const name = records.putString(at + ATTACH.SIZE, adapter.name)
    const friendly = records.putString(at + ATTACH.SIZE + records.stringBytes(adapter.name), adapter.friendlyName)
    w32(at + ATTACH.FilterModuleGuidName, name)
    w32(at + ATTACH.BaseMiniportName, name)
    w32(at + ATTACH.BaseMiniportInstanceName, friendly)
    w32(at + ATTACH.MediaConnectState, facts.connectState)
    w32(at + ATTACH.MediaDuplexState, facts.duplexState)
    w64(at + ATTACH.XmitLinkSpeed, facts.xmitSpeed)
    w64(at + ATTACH.RcvLinkSpeed, facts.rcvSpeed)
    w32(at + ATTACH.MiniportMediaType, facts.mediaType)
    w32(at + ATTACH.MiniportPhysicalMediaType, facts.physicalMedium)
    w16(at + ATTACH.MacAddressLength, facts.currentAddress.length)
    facts.currentAddress.forEach((byte, index) => w8(at + ATTACH.CurrentMacAddress + index, byte))
  }
  const flow: FilterFlow = {
    pause(station, reason) {
      const module = modules.get(station)!
      pending.expect(station.handle)
      records.with(
        PAUSE.SIZE,
        (at) => {
          header(at, 'FILTER_PAUSE_PARAMETERS', 'NDIS_FILTER_PAUSE_PARAMETERS', PAUSE.SIZE)
          w32(at + PAUSE.PauseReason, reason)
        },
        (at) =>
          pending.settle(
            station.handle,
            calls.callAt(PASSIVE_LEVEL, module.handlers['PauseHandler']!, 'FILTER_PAUSE', [module.context, at]),
            'FilterPause',
            WATCHDOG.FILTER_PAUSE,
          ),
      )
    },
    restart(station) {
      const module = modules.get(station)!
      const facts = adapterFacts(station.stack.adapter)
      setModuleOptions(module)
      pending.expect(station.handle)
      return records.with(
        RESTART.SIZE,
        (at) => {
          header(at, 'FILTER_RESTART_PARAMETERS', 'NDIS_FILTER_RESTART_PARAMETERS', RESTART.SIZE)
          w32(at + RESTART.MiniportMediaType, facts.mediaType)
          w32(at + RESTART.MiniportPhysicalMediaType, facts.physicalMedium)
          w32(at + RESTART.LowerIfIndex, station.stack.adapter.ifIndex)
        },
        (at) =>
          pending.settle(
            station.handle,
            calls.callAt(PASSIVE_LEVEL, module.handlers['RestartHandler']!, 'FILTER_RESTART', [module.context, at]),
            'FilterRestart',
            WATCHDOG.FILTER_PAUSE,
          ),
      )
    },
  }
  /** DDI filter_set_module_options: before each restart the module may change its optional handlers. */
  function setModuleOptions(module: FilterModule): void {
    const address = module.handlers['SetFilterModuleOptionsHandler']!
    if (address === 0) return
    module.choosing = true
    calls.callAt(PASSIVE_LEVEL, address, 'FILTER_SET_MODULE_OPTIONS', [module.context])
    module.choosing = false
  }

  function attach(filter: FilterDriver, stack: Stack6): void {
    const station = ndis.addFilter(stack, {}, flow)
    if (!station) return
    const module: FilterModule = {
      driver: filter,
      stack,
      station,
      context: 0,
      attached: false,
      choosing: false,
      handlers: { ...filter.handlers },
    }
    modules.set(station, module)
    filter.modules.add(module)
    const { name, friendlyName } = stack.adapter
    const status = records.with(
      ATTACH.SIZE + records.stringBytes(name) + records.stringBytes(friendlyName),
      (at) => fillAttach(at, stack.adapter),
      (at) =>
        at === 0
          ? NDIS_STATUS_RESOURCES
          : calls.callAt(PASSIVE_LEVEL, module.handlers['AttachHandler']!, 'FILTER_ATTACH', [
              station.handle,
              filter.context,
              at,
            ]),
    )
    if (status === NDIS_STATUS_SUCCESS && module.attached) {
      station.end = endOf(module)
      return
    }
    if (status === NDIS_STATUS_SUCCESS)
      k.verifier.violation(
        'FilterAttributesNotSet',
        'FilterAttach',
        'FilterAttach succeeded without NdisFSetAttributes: NDIS has no context to call the module with, and removes it.',
      )
    remove(module)
  }
  function remove(module: FilterModule): void {
    module.driver.modules.delete(module)
    modules.delete(module.station)
    ndis.removeFilter(module.station)
  }
  /** The module's stack is paused. */
  function detach(module: FilterModule): void {
    calls.callAt(PASSIVE_LEVEL, module.handlers['DetachHandler']!, 'FILTER_DETACH', [module.context])
    remove(module)
  }
  /** Works on a stack while it is paused. */
  function whilePaused(stack: Stack6, reason: number, run: () => void): void {
    const flows = stack.miniport.state === 'running'
    if (flows) life.pause(stack, reason)
    run()
    if (flows) life.restart(stack)
  }

  adapters.watch({
    initialized(adapter) {
      const stack = ndis.of(adapter)
      if (!stack) return
      for (const filter of drivers.values()) if (!filter.owner.failed) attach(filter, stack)
    },
    halting(adapter) {
      for (const module of [...modules.values()].reverse()) if (module.stack.adapter === adapter) detach(module)
    },
  })

  return {
    drivers,
    functions: {
      NdisFRegisterFilterDriver(
        _DriverObject: number,
        FilterDriverContext: number,
        FilterDriverCharacteristics: number,
        NdisFilterDriverHandle: OutParam,
      ): number {
        preempt()
        put32(NdisFilterDriverHandle, 0)
        const { isOne, version, handlers, missing } = readFilterCharacteristics(space, FilterDriverCharacteristics)
        if (!isOne) return NDIS_STATUS_BAD_CHARACTERISTICS
        if (version === 0) return NDIS_STATUS_BAD_VERSION
        if (missing.length > 0) return NDIS_STATUS_BAD_CHARACTERISTICS
        const handle = objects.create(FILTER_DRIVER_OBJECT, FILTER_DRIVER_TAG, FILTER_DRIVER_BYTES)
        if (handle === 0) return NDIS_STATUS_RESOURCES
        const context = FilterDriverContext ?? 0
        put32(NdisFilterDriverHandle, handle)
        const filter: FilterDriver = {
          handle,
          context,
          handlers,
          owner: driver.current,
          site: k.site.s,
          modules: new Set(),
        }
        drivers.set(handle, filter)
        const setOptions = handlers['SetOptionsHandler']!
        const options =
          setOptions === 0
            ? NDIS_STATUS_SUCCESS
            : calls.callAt(PASSIVE_LEVEL, setOptions, 'SET_OPTIONS', [handle, context])
        if (options !== NDIS_STATUS_SUCCESS) {
          drivers.delete(handle)
          objects.destroy(handle)
          put32(NdisFilterDriverHandle, 0)
          return NDIS_STATUS_FAILURE
        }
        for (const stack of [...ndis.stacks]) whilePaused(stack, ATTACH_REASON, () => attach(filter, stack))
        return NDIS_STATUS_SUCCESS
      },
      /** Detaches the modules first (DDI ndisfderegisterfilterdriver). */
      NdisFDeregisterFilterDriver(NdisFilterDriverHandle: number): void {
        preempt()
        const filter = drivers.get(NdisFilterDriverHandle)
        if (!filter) return
        for (const module of [...filter.modules]) whilePaused(module.stack, DETACH_REASON, () => detach(module))
        drivers.delete(NdisFilterDriverHandle)
        objects.destroy(NdisFilterDriverHandle)
      },
      NdisFSetAttributes(NdisFilterHandle: number, FilterModuleContext: number, FilterAttributes: number): number {
        preempt()
        const station = ndis.station(NdisFilterHandle)
        const module = station?.kind === 'filter' ? modules.get(station) : undefined
        if (!isObject(space, FilterAttributes, ATTRIBUTES_HEADER)) return NDIS_STATUS_INVALID_PARAMETER
        if (!module || module.attached) return NDIS_STATUS_FAILURE
        module.context = FilterModuleContext
        module.attached = true
        return NDIS_STATUS_SUCCESS
      },
      NdisFRestartFilter(NdisFilterHandle: number): number {
        preempt()
        const station = ndis.station(NdisFilterHandle)
        if (station?.kind !== 'filter') return NDIS_STATUS_FAILURE
        scheduler.queuePassive('restart of a filter module', () =>
          whilePaused(station.stack, RESTART_REASON, () => undefined),
        )
        return NDIS_STATUS_SUCCESS
      },
      NdisFPauseComplete(NdisFilterHandle: number): void {
        completeFlow(NdisFilterHandle, NDIS_STATUS_SUCCESS, 'NdisFPauseComplete', 'pausing')
        preempt()
      },
      NdisFRestartComplete(NdisFilterHandle: number, Status: number): void {
        completeFlow(NdisFilterHandle, Status | 0, 'NdisFRestartComplete', 'restarting')
        preempt()
      },
    },
    /** NdisSetOptionalHandlers for a module: partial characteristics; undefined when the handle is none. */
    setOptionalHandlers(handle: number, characteristics: number): number | undefined {
      const station = ndis.station(handle)
      const module = station?.kind === 'filter' ? modules.get(station) : undefined
      if (!module) return drivers.has(handle) ? constant('NDIS_STATUS_NOT_SUPPORTED') : undefined
      if (!isObject(space, characteristics, PARTIAL_HEADER)) return NDIS_STATUS_INVALID_PARAMETER
      if (!module.choosing) {
        k.verifier.violation(
          'OptionalHandlersOutsideOptions',
          'NdisSetOptionalHandlers',
          'A filter module changes its handlers inside of FilterSetModuleOptions only: NDIS does not look at them at other times.',
        )
        return NDIS_STATUS_FAILURE
      }
      for (const { name, offset } of PARTIAL) module.handlers[name] = r32(characteristics + offset)
      module.station.end = endOf(module)
      return NDIS_STATUS_SUCCESS
    },
  }
  function completeFlow(handle: number, status: number, fn: string, state: string): void {
    const station = ndis.station(handle)
    if (station?.kind === 'filter' && station.state === state && pending.complete(handle, status)) return
    const rule = state === 'pausing' ? 'NdisFilterTimedPauseComplete' : 'FilterTransition'
    k.verifier.violation(rule, fn, `${fn} is called while nothing of this filter module is ${state}.`)
  }
}
