import { TICKS_PER_MS } from '../clock/clock'
import { NDIS_BUGCHECK } from '../kernel/bugcheck'
import { ACTIVATION } from '../kernel/cpus'
import { PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Adapter } from './adapters'
import { constant } from './constants'
import { pulseLine } from './interrupt-line'
import { checkLeftBehind, ENDED, type Ending } from './left-behind'
import type { MiniportParts } from './miniport5'
import { createArguments6 } from './miniport6-arguments'
import { readCharacteristics6, type Characteristics6 } from './miniport6-characteristics'
import {
  NDIS_STATUS_BAD_CHARACTERISTICS,
  NDIS_STATUS_BAD_VERSION,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

export const MINIPORT_DRIVER_OBJECT = 'miniport driver registration'
/** 'NDmd' */
const DRIVER_TAG = 0x646d444e
const DRIVER_BYTES = 16
const HALT_ACTION = constant('NdisHaltDeviceDisabled')
/** Time that a pause or restart may stay pending before the watchdog strikes: ten minutes, as NDIS waits. */
const TRANSITION_TICKS = 600_000 * TICKS_PER_MS
/** Second parameter of bug check 0x7C, code 0x25: a miniport's pause. */
const WATCHDOG_MINIPORT_PAUSE = 0x21
/** Second parameter of bug check 0x7C, code 0x1F. */
const TRANSITION = { PAUSE: 1, RESTART: 2 } as const

/** Miniport drivers of NDIS 6 (DDI ndismregisterminiportdriver, miniport_initialize, miniport_pause, miniport_halt). */
export function createMiniports6(k: Kernel, { adapters, timers, lines, driver }: MiniportParts) {
  const { space, objects, preempt, scheduler } = k
  const { put32 } = k.cells
  const args6 = createArguments6(k)
  /** Results of pauses and restarts that were pending, by adapter. */
  const completed = new Map<Adapter, number>()
  let nextIndex = 1

  function callMiniport(
    adapter: Adapter,
    member: string,
    entry: string,
    name: string,
    args: readonly unknown[],
  ): number {
    const address = adapter.handlers[member]!
    const handler = driver.handler(address) ?? k.fault(address, false, `${member} is no function of the driver.`)
    return Number(driver.callback(ACTIVATION.CALLBACK, entry, PASSIVE_LEVEL, handler, args, name) ?? 0) | 0
  }
  /** The status of a pause or restart, waited for when it is pending. */
  function settle(adapter: Adapter, status: number, what: string): number {
    if (status !== NDIS_STATUS_PENDING) {
      completed.delete(adapter)
      return status
    }
    if (!scheduler.runUntil(() => completed.has(adapter), TRANSITION_TICKS))
      k.bugcheck(
        'BUGCODE_NDIS_DRIVER',
        [NDIS_BUGCHECK.WATCHDOG, WATCHDOG_MINIPORT_PAUSE, adapter.handle],
        `${what} returned NDIS_STATUS_PENDING and nothing completed it in ten minutes.`,
      )
    const result = completed.get(adapter)!
    completed.delete(adapter)
    return result
  }
  function end(adapter: Adapter, ending: Ending): void {
    adapters.ended(adapter)
    checkLeftBehind(k, timers, adapter, ending)
    adapters.destroy(adapter)
  }
  function halt(adapter: Adapter, ending: Ending): void {
    adapter.phase = 'halting'
    callMiniport(adapter, 'HaltHandlerEx', 'MINIPORT_HALT', 'MiniportHaltEx', [adapter.context, HALT_ACTION])
    end(adapter, ending)
  }
  function restart(adapter: Adapter): number {
    adapter.phase = 'restarting'
    const status = args6.withRestart((parameters) =>
      callMiniport(adapter, 'RestartHandler', 'MINIPORT_RESTART', 'MiniportRestart', [adapter.context, parameters]),
    )
    return settle(adapter, status, 'MiniportRestart')
  }
  function pause(adapter: Adapter): void {
    adapter.phase = 'pausing'
    const status = args6.withPause((parameters) =>
      callMiniport(adapter, 'PauseHandler', 'MINIPORT_PAUSE', 'MiniportPause', [adapter.context, parameters]),
    )
    settle(adapter, status, 'MiniportPause')
    adapter.phase = 'paused'
  }

  /** One adapter for the driver that registered, from DriverEntry's end to unload. */
  function bringUp(version: number, handlers: Readonly<Record<string, number>>, context: number): Adapter | undefined {
    const adapter = adapters.create(version, handlers)
    if (!adapter) return undefined
    const status = args6.withInit(nextIndex++, (parameters) =>
      callMiniport(adapter, 'InitializeHandlerEx', 'MINIPORT_INITIALIZE', 'MiniportInitializeEx', [
        adapter.handle,
        context,
        parameters,
      ]),
    )
    if (status !== NDIS_STATUS_SUCCESS) {
      end(adapter, ENDED.INITIALIZE_FAILED)
      return undefined
    }
    adapter.phase = 'paused'
    if (!adapter.attributesSet || restart(adapter) !== NDIS_STATUS_SUCCESS) {
      halt(adapter, ENDED.HALT_AFTER_INITIALIZE)
      return undefined
    }
    adapter.phase = 'running'
    adapters.started(adapter)
    if (adapter.interrupts.size > 0) pulseLine(k, lines, adapter)
    return adapter
  }
  function register(handle: number, context: number, { version, handlers }: Characteristics6): void {
    let adapter: Adapter | undefined
    driver.parts.push({
      start() {
        if (objects.find(handle, MINIPORT_DRIVER_OBJECT)) adapter = bringUp(version, handlers, context)
      },
      stop() {
        if (!adapter) return
        adapters.stopping(adapter)
        pause(adapter)
        halt(adapter, ENDED.HALT)
        adapter = undefined
      },
    })
  }
  function complete(handle: number, phase: Adapter['phase'], which: number, status: number): void {
    const adapter = adapters.find(handle)
    if (!adapter || adapter.phase !== phase || completed.has(adapter))
      k.bugcheck(
        'BUGCODE_NDIS_DRIVER',
        [NDIS_BUGCHECK.ILLEGAL_MINIPORT_STATE_TRANSITION, which, handle],
        `A ${which === TRANSITION.PAUSE ? 'pause' : 'restart'} is completed while none is pending.`,
      )
    completed.set(adapter, status)
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
      const characteristics = readCharacteristics6(space, MiniportDriverCharacteristics)
      if (!characteristics.isOne) return NDIS_STATUS_BAD_CHARACTERISTICS
      if (characteristics.version === 0) return NDIS_STATUS_BAD_VERSION
      if (characteristics.missing.length > 0) return NDIS_STATUS_BAD_CHARACTERISTICS
      const handle = objects.create(MINIPORT_DRIVER_OBJECT, DRIVER_TAG, DRIVER_BYTES)
      if (handle === 0) return NDIS_STATUS_RESOURCES
      // The handle is valid inside of MiniportSetOptions already.
      put32(NdisMiniportDriverHandle, handle)
      const context = MiniportDriverContext ?? 0
      const setOptions = driver.handler(characteristics.handlers['SetOptionsHandler'])
      const options = setOptions
        ? driver.callback(
            ACTIVATION.CALLBACK,
            'SET_OPTIONS',
            PASSIVE_LEVEL,
            setOptions,
            [handle, context],
            'MiniportSetOptions',
          )
        : NDIS_STATUS_SUCCESS
      if ((Number(options ?? 0) | 0) !== NDIS_STATUS_SUCCESS) {
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
  }
}
