import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { AdapterControl, Adapters } from '../ndis/adapters'
import { constant } from '../ndis/constants'
import { LONGEST_CHAIN, type Mdls } from '../ndis/mdl'
import type { Ndis6 } from '../ndis/ndis6'
import { createControl6 } from '../ndis/miniport6-control'
import type { HandlerCalls } from '../ndis/handler-calls'
import { OID_KIND } from '../ndis/oid-request'
import { LIST, RECEIVE_RESOURCES, type MiniportEnd6, type Stack6 } from '../ndis/stack6'
import { NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from '../ndis/status'
import type { Completions } from './completions'
import { gatherNetBuffer, MOST_FRAME_BYTES, type FrameSlots6 } from './frame-slots6'
import { LONGEST_DELAY, type LoopbackMiniport } from './test-end'

const GENERAL = layout(
  'NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES',
  'MediaType', 'PhysicalMediumType', 'MtuSize', 'MaxXmitLinkSpeed', 'XmitLinkSpeed', 'MaxRcvLinkSpeed', 'RcvLinkSpeed',
  'MediaConnectState', 'MediaDuplexState', 'LookaheadSize', 'SupportedPacketFilters', 'MaxMulticastListSize',
  'MacAddressLength', 'PermanentMacAddress', 'CurrentMacAddress', 'IfType', 'IfConnectorPresent',
) // prettier-ignore
const GENERAL_TYPE = constant('NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES')
/** 6.40, which is what most stacks of drivers today are written for. */
const VERSION = 0x6_0028
const GIGABIT = 1_000_000_000n
const MTU = 1500
const MOST_MULTICAST = 32
export const LOOPBACK_ADDRESS = Uint8Array.of(0x02, 0, 0, 0, 0, 0xfe)
/** A frame in so many is indicated with NDIS_RECEIVE_FLAGS_RESOURCES: receivers must take both. */
const RESOURCES_ONE_IN = 8
const FILTERS = ['DIRECTED', 'MULTICAST', 'ALL_MULTICAST', 'BROADCAST', 'PROMISCUOUS'].reduce(
  (bits, name) => bits | constant(`NDIS_PACKET_TYPE_${name}`),
  0,
)
/** Sets that it takes, and answers with success. */
const SETTABLE = new Set(
  [
    'OID_GEN_CURRENT_PACKET_FILTER',
    'OID_GEN_CURRENT_LOOKAHEAD',
    'OID_802_3_MULTICAST_LIST',
    'OID_GEN_LINK_PARAMETERS',
    'OID_GEN_INTERRUPT_MODERATION',
    'OID_PNP_SET_POWER',
  ].map(constant),
)

function attributes(): Uint8Array {
  const bytes = new Uint8Array(GENERAL.SIZE)
  const view = new DataView(bytes.buffer)
  view.setUint32(GENERAL.MediaType, constant('NdisMedium802_3'), true)
  view.setUint32(GENERAL.PhysicalMediumType, constant('NdisPhysicalMedium802_3'), true)
  view.setUint32(GENERAL.MtuSize, MTU, true)
  for (const speed of [GENERAL.MaxXmitLinkSpeed, GENERAL.XmitLinkSpeed, GENERAL.MaxRcvLinkSpeed, GENERAL.RcvLinkSpeed])
    view.setBigUint64(speed, GIGABIT, true)
  view.setUint32(GENERAL.MediaConnectState, constant('MediaConnectStateConnected'), true)
  view.setUint32(GENERAL.MediaDuplexState, constant('MediaDuplexStateFull'), true)
  view.setUint32(GENERAL.LookaheadSize, MTU, true)
  view.setUint32(GENERAL.SupportedPacketFilters, FILTERS, true)
  view.setUint32(GENERAL.MaxMulticastListSize, MOST_MULTICAST, true)
  view.setUint16(GENERAL.MacAddressLength, LOOPBACK_ADDRESS.length, true)
  bytes.set(LOOPBACK_ADDRESS, GENERAL.PermanentMacAddress)
  bytes.set(LOOPBACK_ADDRESS, GENERAL.CurrentMacAddress)
  view.setUint16(GENERAL.IfType, constant('IF_TYPE_ETHERNET_CSMACD'), true)
  bytes[GENERAL.IfConnectorPresent] = 1
  return bytes
}

export interface Loopback6Parts {
  readonly adapters: Adapters
  readonly ndis: Ndis6
  readonly calls: HandlerCalls
  readonly mdls: Mdls
  readonly slots: FrameSlots6
  readonly completions: Completions
}

/** The workbench's own miniport of NDIS 6; undefined when memory is short. */
export function createLoopback6(k: Kernel, parts: Loopback6Parts): LoopbackMiniport | undefined {
  const { adapters, ndis, slots, completions } = parts
  const { i32 } = k.space
  const { random, clock, scheduler, cpus } = k
  const get = (address: number): number => i32[address >> 2]! >>> 0
  const frame = new Uint8Array(MOST_FRAME_BYTES)
  const adapter = adapters.create(VERSION, {}, 'Loopback')
  if (!adapter) return undefined
  /** Lists and frames on their way: what must be over before the adapter pauses. */
  let pending = 0

  function later(run: () => void, ticks = 1 + random.below(LONGEST_DELAY)): void {
    const cpu = cpus.current()
    pending++
    clock.setAlarm(clock.now() + ticks, () =>
      scheduler.queueDpc(cpu, {
        name: 'loopback miniport',
        kind: ACTIVATION.DPC,
        irql: DISPATCH_LEVEL,
        run() {
          pending--
          run()
        },
      }),
    )
  }
  const out = new Set<number>()
  function arrive(bytes: Uint8Array, length: number): void {
    // A frame may still be on its way when the adapter goes, and its pools with it.
    const list = stack.miniport.state === 'running' ? slots.take(bytes, length, 0) : 0
    if (list === 0) return
    const mine = random.below(RESOURCES_ONE_IN) === 0
    if (!mine) out.add(list)
    i32[(list + LIST.SourceHandle) >> 2] = stack.miniport.handle
    ndis.path.indicate(stack.miniport, list, 0, 1, (mine ? RECEIVE_RESOURCES : 0) | RECEIVE_DISPATCH)
    if (mine) slots.give(list)
  }
  function loop(list: number): void {
    for (let nb = get(list + LIST.FirstNetBuffer); nb !== 0; nb = get(nb)) {
      const length = gatherNetBuffer(k, parts.mdls, nb, frame)
      const copy = frame.slice(0, length)
      later(() => arrive(copy, length))
    }
  }
  const end: MiniportEnd6 = {
    send(list) {
      for (let at = list, links = 0; at !== 0 && links < LONGEST_CHAIN; links++) {
        const following = get(at + LIST.Next)
        const mine = at
        if (miniport.loops) loop(mine)
        i32[(mine + LIST.Next) >> 2] = 0
        i32[(mine + LIST.Status) >> 2] = NDIS_STATUS_SUCCESS
        later(() => ndis.path.complete(stack.miniport, mine, COMPLETE_DISPATCH), completions.delay())
        at = following
      }
    },
    returned(list) {
      for (let at = list, links = 0; at !== 0 && links < LONGEST_CHAIN; links++) {
        const following = get(at + LIST.Next)
        if (out.delete(at)) slots.give(at)
        at = following
      }
    },
    cancelSend: () => undefined,
    oid(request) {
      const { requests } = ndis
      if (requests.kind(request) !== OID_KIND.SET || !SETTABLE.has(requests.oid(request)))
        return NDIS_STATUS_NOT_SUPPORTED
      requests.setDone(request, requests.length(request))
      if (!completions.changed) return NDIS_STATUS_SUCCESS
      later(() => ndis.oids.complete(stack.miniport, request, NDIS_STATUS_SUCCESS, false), completions.delay())
      return NDIS_STATUS_PENDING
    },
    cancelOid: () => undefined,
    devicePnPEvent: () => undefined,
  }
  const stack: Stack6 = ndis.createStack(adapter, end, {
    restart() {
      adapter.phase = 'running'
      return NDIS_STATUS_SUCCESS
    },
    pause() {
      adapter.phase = 'pausing'
      scheduler.runUntil(() => pending === 0 && out.size === 0, PAUSE_WAIT_TICKS)
      adapter.phase = 'paused'
    },
  })
  const miniport: LoopbackMiniport = {
    adapter,
    loops: true,
    arrive: (bytes, length) => later(() => arrive(bytes, length)),
    remove() {
      adapters.stopping(adapter)
      ndis.life.pause(stack, REMOVE)
      adapters.halting(adapter)
      adapters.ended(adapter)
      ndis.destroyStack(stack)
      adapters.destroy(adapter)
    },
  }
  adapter.attributesSet = true
  adapter.attributes.set(GENERAL_TYPE, attributes())
  adapter.supportedOids = [...SETTABLE]
  adapter.phase = 'paused'
  adapters.initialized(adapter)
  ndis.life.restart(stack)
  const control: AdapterControl = createControl6(k, ndis, parts.calls)(stack)
  adapter.control = { ...control, shutdown: () => undefined, reset: () => undefined, checkForHang: () => undefined }
  adapters.started(adapter)
  return miniport
}
const REMOVE = constant('NDIS_PAUSE_MINIPORT_DEVICE_REMOVE')
const RECEIVE_DISPATCH = constant('NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL')
const COMPLETE_DISPATCH = constant('NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL')
/** The watchdog's ten minutes. */
const PAUSE_WAIT_TICKS = 6_000_000_000
