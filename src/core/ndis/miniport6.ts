import { NDIS_BUGCHECK } from '../kernel/bugcheck'
import { PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Adapter } from './adapters'
import { readMiniportCharacteristics, type Characteristics6 } from './characteristics6'
import { constant } from './constants'
import type { HandlerCalls } from './handler-calls'
import { pulseLine } from './interrupt-line'
import { checkLeftBehind, ENDED, type Ending } from './left-behind'
import type { MiniportParts } from './miniport5'
import { createArguments6 } from './miniport6-arguments'
import { createControl6 } from './miniport6-control'
import type { Ndis6 } from './ndis6'
import type { MiniportEnd6, Stack6 } from './stack6'
import { WATCHDOG, type MiniportFlow } from './stack6-life'
import {
  NDIS_STATUS_BAD_CHARACTERISTICS,
  NDIS_STATUS_BAD_VERSION,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

export const MINIPORT_DRIVER_OBJECT = 'miniport driver registration'
/** 'NDmd' */
const DRIVER_TAG = 0x646d444e
const DRIVER_BYTES = 16
const HALT_ACTION = constant('NdisHaltDeviceDisabled')
const REMOVE_REASON = constant('NDIS_PAUSE_MINIPORT_DEVICE_REMOVE')
/** Second parameter of bug check 0x7C, code 0x1F. */
const TRANSITION = { PAUSE: 1, RESTART: 2 } as const

export interface MiniportParts6 extends MiniportParts {
  readonly ndis: Ndis6
  readonly calls: HandlerCalls
}

/** The miniport of an adapter as its stack knows it (DDI miniport_send_net_buffer_lists, miniport_oid_request ...). */
function endOf(calls: HandlerCalls, adapter: Adapter): MiniportEnd6 {
  const { handlers } = adapter
  const call = (member: string, entry: string, ...args: unknown[]): number =>
    calls.call(handlers[member]!, entry, [adapter.context, ...args])
  const at = (irql: number, member: string, entry: string, ...args: unknown[]): number =>
    calls.callAt(irql, handlers[member]!, entry, [adapter.context, ...args])
  return {
    send: (list, port, flags) =>
      void call('SendNetBufferListsHandler', 'MINIPORT_SEND_NET_BUFFER_LISTS', list, port, flags),
    returned: (list, flags) =>
      void call('ReturnNetBufferListsHandler', 'MINIPORT_RETURN_NET_BUFFER_LISTS', list, flags),
    cancelSend: (cancelId) => void call('CancelSendHandler', 'MINIPORT_CANCEL_SEND', cancelId),
    oid: (request) => at(PASSIVE_LEVEL, 'OidRequestHandler', 'MINIPORT_OID_REQUEST', request),
    cancelOid: (requestId) => void call('CancelOidRequestHandler', 'MINIPORT_CANCEL_OID_REQUEST', requestId),
    ...(handlers['DirectOidRequestHandler'] && {
      directOid: (request: number) => call('DirectOidRequestHandler', 'MINIPORT_DIRECT_OID_REQUEST', request),
      cancelDirectOid: (requestId: number) =>
        void call('CancelDirectOidRequestHandler', 'MINIPORT_CANCEL_DIRECT_OID_REQUEST', requestId),
    }),
    devicePnPEvent: (event) =>
      void at(PASSIVE_LEVEL, 'DevicePnPEventNotifyHandler', 'MINIPORT_DEVICE_PNP_EVENT_NOTIFY', event),
  }
}

/** Miniport drivers of NDIS 6 (DDI ndismregisterminiportdriver, miniport_initialize, miniport_pause, miniport_halt). */
export function createMiniports6(k: Kernel, { adapters, timers, lines, driver, ndis, calls, units5 }: MiniportParts6) {
  const { space, objects, preempt } = k
  const { put32 } = k.cells
  const { pending, life } = ndis
  const args6 = createArguments6(k, ndis.records)
  const control6 = createControl6(k, ndis, calls)

  const callPassive = (adapter: Adapter, member: string, entry: string, args: readonly unknown[]): number =>
    calls.callAt(PASSIVE_LEVEL, adapter.handlers[member]!, entry, args)

  function end(adapter: Adapter, ending: Ending): void {
    adapters.ended(adapter)
    checkLeftBehind(k, timers, adapter, ending)
    const stack = ndis.of(adapter)
    if (stack) ndis.destroyStack(stack)
    adapters.destroy(adapter)
  }
  function halt(adapter: Adapter, ending: Ending): void {
    adapters.halting(adapter)
    adapter.phase = 'halting'
    callPassive(adapter, 'HaltHandlerEx', 'MINIPORT_HALT', [adapter.context, HALT_ACTION])
    end(adapter, ending)
  }
  const flowOf = (adapter: Adapter): MiniportFlow => ({
    restart() {
      adapter.phase = 'restarting'
      pending.expect(adapter.handle)
      const status = args6.withRestart((parameters) =>
        pending.settle(
          adapter.handle,
          callPassive(adapter, 'RestartHandler', 'MINIPORT_RESTART', [adapter.context, parameters]),
          'MiniportRestart',
          WATCHDOG.MINIPORT_PAUSE,
        ),
      )
      adapter.phase = status === NDIS_STATUS_SUCCESS ? 'running' : 'paused'
      return status
    },
    pause(reason) {
      adapter.phase = 'pausing'
      pending.expect(adapter.handle)
      args6.withPause(reason, (parameters) =>
        pending.settle(
          adapter.handle,
          callPassive(adapter, 'PauseHandler', 'MINIPORT_PAUSE', [adapter.context, parameters]),
          'MiniportPause',
          WATCHDOG.MINIPORT_PAUSE,
        ),
      )
      adapter.phase = 'paused'
    },
  })

  /** One adapter for the driver that registered, from DriverEntry's end to unload. */
  function bringUp(characteristics: Characteristics6, context: number, service: string): Stack6 | undefined {
    const { version, handlers } = characteristics
    const adapter = adapters.create(version, handlers, service)
    if (!adapter) return undefined
    // Without memory for what a handler is given NDIS does not call it.
    const status = args6.withInit(adapter, (parameters) =>
      parameters === 0
        ? NDIS_STATUS_RESOURCES
        : callPassive(adapter, 'InitializeHandlerEx', 'MINIPORT_INITIALIZE', [adapter.handle, context, parameters]),
    )
    if (status !== NDIS_STATUS_SUCCESS) {
      end(adapter, ENDED.INITIALIZE_FAILED)
      return undefined
    }
    adapter.phase = 'paused'
    const stack = ndis.createStack(adapter, endOf(calls, adapter), flowOf(adapter))
    if (adapter.attributesSet) adapters.initialized(adapter)
    if (!adapter.attributesSet || !life.restart(stack)) {
      // A filter module refused: what runs already below it stops again.
      life.pause(stack, REMOVE_REASON)
      halt(adapter, ENDED.HALT_AFTER_INITIALIZE)
      return undefined
    }
    adapter.control = control6(stack)
    adapters.started(adapter)
    if (adapter.interrupts.size > 0) pulseLine(k, lines, adapter)
    return stack
  }
  function register(handle: number, context: number, characteristics: Characteristics6): void {
    let stack: Stack6 | undefined
    const service = driver.current.name
    function stop(): void {
      if (!stack) return
      const { adapter } = stack
      const last = stack
      stack = undefined
      adapters.stopping(adapter)
      life.pause(last, REMOVE_REASON)
      halt(adapter, ENDED.HALT)
    }
    driver.addPart({
      start() {
        if (objects.find(handle, MINIPORT_DRIVER_OBJECT)) stack = bringUp(characteristics, context, service)
        if (stack) stack.adapter.remove = stop
      },
      stop,
    })
  }
  function complete(handle: number, phase: Adapter['phase'], which: number, status: number): void {
    const adapter = adapters.find(handle)
    if (!adapter || adapter.phase !== phase || !pending.complete(handle, status))
      k.bugcheck(
        'BUGCODE_NDIS_DRIVER',
        [NDIS_BUGCHECK.ILLEGAL_MINIPORT_STATE_TRANSITION, which, handle],
        `A ${which === TRANSITION.PAUSE ? 'pause' : 'restart'} is completed while none is pending.`,
      )
    preempt()
  }

  return {
    NdisMRegisterMiniportDriver(
      _DriverObject: number,
      _RegistryPath: number,
      MiniportDriverContext: number,
      MiniportDriverCharacteristics: number,
      NdisMiniportDriverHandle: OutParam,
    ): number {
      preempt()
      put32(NdisMiniportDriverHandle, 0)
      const characteristics = readMiniportCharacteristics(space, MiniportDriverCharacteristics)
      if (!characteristics.isOne) return NDIS_STATUS_BAD_CHARACTERISTICS
      if (characteristics.version === 0) return NDIS_STATUS_BAD_VERSION
      if (characteristics.missing.length > 0) return NDIS_STATUS_BAD_CHARACTERISTICS
      const handle = objects.create(MINIPORT_DRIVER_OBJECT, DRIVER_TAG, DRIVER_BYTES)
      if (handle === 0) return NDIS_STATUS_RESOURCES
      // The handle is valid inside of MiniportSetOptions already.
      put32(NdisMiniportDriverHandle, handle)
      const context = MiniportDriverContext ?? 0
      const setOptions = characteristics.handlers['SetOptionsHandler']!
      const options =
        setOptions === 0
          ? NDIS_STATUS_SUCCESS
          : calls.callAt(PASSIVE_LEVEL, setOptions, 'SET_OPTIONS', [handle, context])
      if (options !== NDIS_STATUS_SUCCESS) {
        objects.destroy(handle)
        put32(NdisMiniportDriverHandle, 0)
        return NDIS_STATUS_FAILURE
      }
      driver.setUnload(characteristics.handlers['UnloadHandler'])
      register(handle, context, characteristics)
      return NDIS_STATUS_SUCCESS
    },
    NdisMDeregisterMiniportDriver(NdisMiniportDriverHandle: number): void {
      if (objects.find(NdisMiniportDriverHandle, MINIPORT_DRIVER_OBJECT)) objects.destroy(NdisMiniportDriverHandle)
      preempt()
    },
    NdisMPauseComplete: (MiniportAdapterHandle: number): void =>
      complete(MiniportAdapterHandle, 'pausing', TRANSITION.PAUSE, NDIS_STATUS_SUCCESS),
    NdisMRestartComplete: (MiniportAdapterHandle: number, Status: number): void =>
      complete(MiniportAdapterHandle, 'restarting', TRANSITION.RESTART, Status | 0),
    /** Of both generations. */
    NdisMResetComplete: (MiniportAdapterHandle: number, Status: number, AddressingReset: number): void => {
      preempt()
      const unit = units5.get(MiniportAdapterHandle)
      const expected = unit
        ? unit.resetter.complete(Status | 0, Boolean(AddressingReset))
        : control6.resetComplete(MiniportAdapterHandle, Status | 0)
      if (!expected)
        k.bugcheck(
          'BUGCODE_NDIS_DRIVER',
          [NDIS_BUGCHECK.RESET_COMPLETE_UNEXPECTED, MiniportAdapterHandle, Status, AddressingReset ? 1 : 0],
          'A reset is completed while none is pending.',
        )
    },
    NdisMResetMiniport(MiniportAdapterHandle: number): void {
      preempt()
      control6.requestReset(MiniportAdapterHandle)
    },
  }
}
