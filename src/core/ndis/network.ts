import { Out } from '../memory/cell'
import type { Kernel } from '../kernel/kernel'
import type { Timers } from '../kernel/timers'
import type { Adapters } from './adapters'
import { constant } from './constants'
import { createDataCalls5 } from './data-calls5'
import type { DmaMappings } from './dma-mapping'
import type { DescriptorPools } from './descriptor-pool'
import type { DriverLife } from './driver'
import { createFrameCounters, type FrameCounters } from './frame-counters'
import { joinFunctions, type FunctionTable } from './function-table'
import { createHandlerCalls, type HandlerCalls } from './handler-calls'
import { createHangChecks } from './hang-check'
import { createInstanceNames } from './instance-name'
import { createIndications5, type Indications5 } from './indications5'
import type { InterruptLines } from './interrupt-line'
import type { Mdls } from './mdl'
import { createMiniports5 } from './miniport5'
import { createUnit5, type Unit5 } from './miniport5-unit'
import { createMiniports6 } from './miniport6'
import { createMiniportAttributes } from './miniport6-attributes'
import { createNdis5Check } from './ndis5-call'
import type { NdisRecords } from './ndis-record'
import { createNdis6, type Ndis6 } from './ndis6'
import { createPacketCopy } from './packet-copy'
import { createPacketDma, type PacketDma } from './packet-dma'
import { createProtocols5, type Protocol5 } from './protocol5'
import { createReceive5, type Receive5 } from './receive5'
import { createSgPieces } from './sg-list'
import type { Serial } from './serial'
import { createStacks5, type Stacks5 } from './stack5'
import { createStacks6, type Stacks6 } from './stacks6'
import { createStandInReceiver } from './stand-in-receiver'

const DESERIALIZE = constant('NDIS_ATTRIBUTE_DESERIALIZE')

/** Miniports, protocols and filters of both generations, and the ways of frames between them. */
export interface Network {
  readonly adapters: Adapters
  readonly calls: HandlerCalls
  readonly frames: FrameCounters
  readonly ndis6: Ndis6
  readonly stacks6: Stacks6
  readonly stacks5: Stacks5
  /** Scatter/gather lists of packets of NDIS 5. */
  readonly packetDma: PacketDma
  readonly receive5: Receive5
  /** Adapters of NDIS 3 to 5 that initialized, by their handle. */
  readonly units5: ReadonlyMap<number, Unit5>
  readonly protocols5: ReadonlyMap<number, Protocol5>
  readonly indications5: Indications5
  /** true when a script registered protocols or filters of the generation. */
  readonly hasProtocols: (generation: 5 | 6) => boolean
  readonly hasFilters: () => boolean
  /** A packet of a protocol is back from the workbench's own miniport. */
  readonly finished5: (packet: number, status: number) => void
  /** Shows the protocols of an adapter the start of a frame. */
  readonly indicate5: ReturnType<typeof createIndications5>['indicate']
  readonly functions: FunctionTable
}

export interface NetworkParts {
  readonly driver: DriverLife
  readonly adapters: Adapters
  readonly timers: Timers
  readonly lines: InterruptLines
  readonly serial: Serial
  readonly mdls: Mdls
  readonly pools: DescriptorPools
  readonly mappings: DmaMappings
}

/** Adapters of NDIS 3 to 5 may indicate packets from their start to their halt. */
function attachReceivers(adapters: Adapters, receive5: Receive5, serial: Serial): void {
  adapters.watch({
    started(adapter) {
      const { handle, context, handlers, attributeFlags } = adapter
      receive5.attach(handle, {
        context,
        returnPacket: handlers['ReturnPacketHandler'] ?? 0,
        deserialized: (attributeFlags & DESERIALIZE) !== 0,
        run: (work) => serial.run(adapter, work),
      })
    },
    halting: ({ handle }) => receive5.detach(handle),
  })
}

/** How packets of NDIS 3 to 5 go down and up. */
function createDataPath5(
  k: Kernel,
  { driver, adapters, serial, mdls, pools }: NetworkParts,
  own: { stacks5: Stacks5; units5: ReadonlyMap<number, Unit5>; records: NdisRecords; frames: FrameCounters },
) {
  const { stacks5, units5, records, frames } = own
  const copied = new Out(0)
  const copy = createPacketCopy(k, mdls).NdisCopyFromPacketToPacket
  const check5 = createNdis5Check(k, adapters)
  const data5 = createDataCalls5(k, { stacks5, units: units5, records, counters: frames, check5 })
  const indications5 = createIndications5(k, {
    stacks5,
    records,
    counters: frames,
    mdls,
    check5,
    isHeld: (packet) => receive5.isHeld(packet),
    giveBack: (packet) => receive5.giveBack(packet),
    copyPacket(to, toOffset, bytes, from, fromOffset) {
      copy(to, toOffset, bytes, from, fromOffset, copied)
      return copied.value
    },
  })
  const receive5 = createReceive5(k, driver, createStandInReceiver(k, pools, mdls), indications5)
  attachReceivers(adapters, receive5, serial)
  return { data5, indications5, receive5 }
}

export function createNetwork(k: Kernel, parts: NetworkParts): Network {
  const { driver, adapters, serial, mdls, mappings } = parts
  const frames = createFrameCounters()
  const calls = createHandlerCalls(k, driver)
  const ndis6 = createNdis6(k, mdls, frames)
  const stacks5 = createStacks5(k)
  const units5 = new Map<number, Unit5>()
  const { records, pending } = ndis6
  const { data5, indications5, receive5 } = createDataPath5(k, parts, { stacks5, units5, records, frames })
  const packetDma = createPacketDma(k, adapters, createSgPieces(k, mdls), mappings)
  adapters.watch(createHangChecks(k))
  const unit = (adapter: Parameters<typeof createUnit5>[2]): Unit5 =>
    createUnit5(k, { serial, calls, records, stacks5, packetDma, sent: data5.sent }, adapter)
  const common = { ...parts, ndis: ndis6, calls, units5, createUnit5: unit }
  const stacks6 = createStacks6(k, common)
  const protocols5 = createProtocols5(k, { adapters, driver, calls, records, pending, stacks5 })
  return {
    adapters,
    calls,
    frames,
    ndis6,
    stacks6,
    stacks5,
    packetDma,
    receive5,
    units5,
    protocols5: protocols5.protocols,
    indications5,
    hasProtocols: (generation) => (generation === 5 ? protocols5 : stacks6.protocols).protocols.size > 0,
    hasFilters: () => stacks6.filters.drivers.size > 0,
    finished5: data5.finished,
    indicate5: indications5.indicate,
    functions: joinFunctions(
      createMiniports5(k, common),
      createMiniports6(k, common),
      createMiniportAttributes(k, adapters, stacks6.filters.setOptionalHandlers),
      stacks6.functions,
      protocols5.functions,
      data5.functions,
      createInstanceNames(
        k,
        adapters,
        (handle) =>
          (ndis6.station(handle) ?? stacks5.binding(handle) ?? stacks6.protocols.binding(handle))?.stack.adapter,
      ),
      indications5.functions,
    ),
  }
}
