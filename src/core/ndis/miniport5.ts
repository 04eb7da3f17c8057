import { ACTIVATION } from '../kernel/cpus'
import { PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Timers } from '../kernel/timers'
import { LiveCell } from '../memory/cell'
import { functionMembers, layout } from '../memory/layout'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { Adapter, Adapters } from './adapters'
import { constant } from './constants'
import type { DriverLife } from './driver'
import { pulseLine, type InterruptLines } from './interrupt-line'
import type { Unit5 } from './miniport5-unit'
import { checkLeftBehind, ENDED, type Ending } from './left-behind'
import { missingHandlers5, sizeOfVersion5 } from './miniport5-characteristics'
import {
  NDIS_STATUS_BAD_CHARACTERISTICS,
  NDIS_STATUS_BAD_VERSION,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'
import { WRAPPER_OBJECT } from './wrapper'

const CHARACTERISTICS = layout('NDIS_MINIPORT_CHARACTERISTICS', 'MajorNdisVersion', 'MinorNdisVersion')
const HANDLERS = functionMembers('NDIS_MINIPORT_CHARACTERISTICS')
const BUS_MASTER = constant('NDIS_ATTRIBUTE_BUS_MASTER')
/** 'NDma': what MiniportInitialize is given. */
const ARGUMENTS_TAG = 0x616d444e
/** The media that NDIS offers, in its order. */
const MEDIA = [
  'NdisMedium802_3',
  'NdisMedium802_5',
  'NdisMediumFddi',
  'NdisMediumWan',
  'NdisMediumArcnet878_2',
  'NdisMediumIrda',
].map(constant)
/** Arguments block: two cells, then the media. */
const OPEN_ERROR_STATUS = 0
const SELECTED_MEDIUM_INDEX = 4
const MEDIUM_ARRAY = 8
/** What an index holds that MiniportInitialize did not set. */
const NOT_SELECTED = 0xcbcb_cbcb

/** What the life of a miniport needs of the machine. */
export interface MiniportParts {
  /** Builds what the rest of NDIS needs of an adapter of NDIS 5. */
  readonly createUnit5: (adapter: Adapter) => Unit5
  readonly units5: Map<number, Unit5>
  readonly adapters: Adapters
  readonly timers: Timers
  readonly lines: InterruptLines
  readonly driver: DriverLife
}

/** Miniport drivers of NDIS 3 to 5 (PV NdisMRegisterMiniport, MiniportInitialize, MiniportHalt). */
export function createMiniports5(k: Kernel, parts: MiniportParts) {
  const { adapters, timers, lines, driver, units5 } = parts
  const { space, objects, pool, preempt } = k
  const { r8, r32, w32 } = space

  function end(adapter: Adapter, ending: Ending): void {
    adapters.ended(adapter)
    checkLeftBehind(k, timers, adapter, ending)
    units5.get(adapter.handle)?.free()
    units5.delete(adapter.handle)
    adapters.destroy(adapter)
  }
  function halt(adapter: Adapter, ending: Ending): void {
    adapters.halting(adapter)
    adapter.phase = 'halting'
    const handler = driver.handler(adapter.handlers['HaltHandler'])
    if (handler) driver.callback(ACTIVATION.CALLBACK, 'MiniportHalt', PASSIVE_LEVEL, handler, [adapter.context])
    end(adapter, ending)
  }
  /** Calls MiniportInitialize; its status, and whether it chose a medium that was offered. */
  function initialize(adapter: Adapter): { status: number; mediumChosen: boolean } {
    const bytes = MEDIUM_ARRAY + 4 * MEDIA.length
    const block = pool.allocate(bytes, ARGUMENTS_TAG, OWNER_NDIS, k.site.s, k.log.count())
    const address = adapter.handlers['InitializeHandler']!
    const handler =
      driver.handler(address) ?? k.fault(address, false, 'InitializeHandler is no function of the driver.')
    if (block === 0) return { status: NDIS_STATUS_RESOURCES, mediumChosen: false }
    w32(block + SELECTED_MEDIUM_INDEX, NOT_SELECTED)
    MEDIA.forEach((medium, index) => w32(block + MEDIUM_ARRAY + 4 * index, medium))
    const result = driver.callback(ACTIVATION.CALLBACK, 'MiniportInitialize', PASSIVE_LEVEL, handler, [
      new LiveCell(k, block + OPEN_ERROR_STATUS, 'i32'),
      new LiveCell(k, block + SELECTED_MEDIUM_INDEX, 'u32'),
      block + MEDIUM_ARRAY,
      MEDIA.length,
      adapter.handle,
      adapter.configuration,
    ])
    const mediumChosen = r32(block + SELECTED_MEDIUM_INDEX) < MEDIA.length
    pool.free(block, k.site.s)
    return { status: Number(result ?? 0) | 0, mediumChosen }
  }

  /** One adapter for the driver that registered, from DriverEntry's end to unload. */
  function bringUp(version: number, handlers: Readonly<Record<string, number>>, service: string): Adapter | undefined {
    const adapter = adapters.create(version, handlers, service)
    if (!adapter) return undefined
    const { status, mediumChosen } = initialize(adapter)
    if (status !== NDIS_STATUS_SUCCESS) {
      end(adapter, ENDED.INITIALIZE_FAILED)
      return undefined
    }
    if (!mediumChosen) {
      adapters.mediumMissed(adapter)
      halt(adapter, ENDED.HALT_AFTER_INITIALIZE)
      return undefined
    }
    adapter.phase = 'running'
    const unit = parts.createUnit5(adapter)
    units5.set(adapter.handle, unit)
    adapter.control = unit.control
    unit.learnAddress()
    adapters.initialized(adapter)
    adapters.started(adapter)
    if (adapter.interrupts.size > 0) pulseLine(k, lines, adapter)
    return adapter
  }
  function register(wrapper: number, version: number, handlers: Readonly<Record<string, number>>): void {
    let adapter: Adapter | undefined
    const service = driver.current.name
    function stop(): void {
      if (!adapter) return
      const last = adapter
      adapter = undefined
      adapters.stopping(last)
      halt(last, ENDED.HALT)
    }
    driver.addPart({
      start() {
        adapter = bringUp(version, handlers, service)
        if (adapter) adapter.remove = stop
      },
      stop,
      // A wrapper with a registered miniport goes with the driver; only one that failed must be terminated.
      unloaded: () => objects.destroy(wrapper),
    })
  }

  return {
    NdisMRegisterMiniport(
      NdisWrapperHandle: number,
      MiniportCharacteristics: number,
      CharacteristicsLength: number,
    ): number {
      preempt()
      if (!objects.find(NdisWrapperHandle, WRAPPER_OBJECT)) return NDIS_STATUS_FAILURE
      const version =
        (r8(MiniportCharacteristics + CHARACTERISTICS.MajorNdisVersion) << 16) |
        r8(MiniportCharacteristics + CHARACTERISTICS.MinorNdisVersion)
      const size = sizeOfVersion5(version)
      if (size === undefined) return NDIS_STATUS_BAD_VERSION
      if (CharacteristicsLength >>> 0 < size) return NDIS_STATUS_BAD_CHARACTERISTICS
      const handlers = Object.fromEntries(
        HANDLERS.map(({ name, offset }) => [name, offset < size ? r32(MiniportCharacteristics + offset) : 0]),
      )
      if (missingHandlers5(handlers).length > 0) return NDIS_STATUS_BAD_CHARACTERISTICS
      register(NdisWrapperHandle, version, handlers)
      return NDIS_STATUS_SUCCESS
    },
    NdisMRegisterUnloadHandler(_NdisWrapperHandle: number, UnloadHandler: unknown): void {
      driver.setUnload(UnloadHandler)
      preempt()
    },
    NdisMSetAttributes(
      MiniportAdapterHandle: number,
      MiniportAdapterContext: number,
      BusMaster: number,
      _AdapterType: number,
    ): void {
      setAttributes(adapters.find(MiniportAdapterHandle), MiniportAdapterContext, BusMaster ? BUS_MASTER : 0, 0)
      preempt()
    },
    NdisMSetAttributesEx(
      MiniportAdapterHandle: number,
      MiniportAdapterContext: number,
      CheckForHangTimeInSeconds: number,
      AttributeFlags: number,
      _AdapterType: number,
    ): void {
      const adapter = adapters.find(MiniportAdapterHandle)
      setAttributes(adapter, MiniportAdapterContext, AttributeFlags, CheckForHangTimeInSeconds)
      preempt()
    },
  }
}

function setAttributes(adapter: Adapter | undefined, context: number, flags: number, hangSeconds: number): void {
  if (!adapter) return
  adapter.context = context
  adapter.attributesSet = true
  adapter.attributeFlags = flags
  adapter.checkForHangSeconds = hangSeconds
}
