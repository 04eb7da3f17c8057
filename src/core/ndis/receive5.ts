import type { Alarm } from '../clock/clock'
import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Work } from '../kernel/scheduler'
import { SYS_DESCRIPTOR } from '../memory/records'
import { ALLOCATED, DESCRIPTOR_HEADER, LOANED } from './descriptor-pool'
import type { DriverLife } from './driver'
import { OOB, PACKET } from './packet-layout'
import type { PacketReceiver } from './stand-in-receiver'
import { NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const STATE = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.State
/** 0: indicated; else it was sent (way.ts). */
const WAY = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.Way
/** First parameter of bug check 0x7C: a packet is indicated while the stack still holds it. */
const RECVD_PACKET_IN_USE = 0x05

/** What receive indications must know of a miniport adapter. */
export interface ReceivingAdapter {
  /** MiniportAdapterContext. */
  readonly context: number
  /** MiniportReturnPacket, a function or its address. */
  readonly returnPacket: unknown
  /** NDIS_ATTRIBUTE_DESERIALIZE: packets come back through MiniportReturnPacket only, never by their status. */
  readonly deserialized: boolean
  /** The workbench's own miniport hears of returned packets here. */
  readonly returned?: (packet: number) => void
  /** Calls into a serialized miniport when it is free; at once when left out. */
  readonly run?: (work: () => void) => void
}
/** The protocols above an adapter. */
export interface PacketTakers {
  /** How often the packet will come back; undefined when no protocol is bound. */
  take(handle: number, packet: number, mayKeep: boolean): number | undefined
}

/** An adapter as the rest of NDIS knows it. */
export interface StartedAdapter {
  readonly handle: number
  /** NDIS version of its driver, major << 16 | minor. */
  readonly version: number
  readonly context: number
  readonly attributeFlags: number
  /** Addresses of handlers by their names in the characteristics. */
  readonly handlers: Readonly<Record<string, number>>
}
const NDIS_6 = 0x6_0000
const NDIS_ATTRIBUTE_DESERIALIZE = 0x20

/** Receive indications of NDIS 3 to 5 miniports. */
export interface Receive5 {
  readonly functions: {
    NdisMIndicateReceivePacket(MiniportAdapterHandle: number, ReceivePackets: number, NumberOfPackets: number): void
  }
  adapterOf(handle: number): ReceivingAdapter | undefined
  /** From now on the adapter may indicate packets. */
  attach(handle: number, adapter: ReceivingAdapter): void
  /** Brings every packet back that is still out, then the adapter may be halted. */
  detach(handle: number): void
  /** Attaches and detaches adapters of NDIS 3 to 5 as they start and stop. */
  readonly watcher: { started(adapter: StartedAdapter): void; stopping(adapter: StartedAdapter): void }
  /** Packets of an adapter that are out. */
  out(handle: number): number
  /** Protocols have not given the packet back. */
  isHeld(packet: number): boolean
  /** Packets of an adapter that protocols have not given back. */
  held(handle: number): number[]
  /** A protocol gives a packet back; false when none holds it. */
  giveBack(packet: number): boolean
}

interface Loan {
  readonly handle: number
  alarm: Alarm | undefined
  readonly work: Work
  /** How often protocols will still give it back; 0: the stand-in has it. */
  references: number
}

interface Indicated {
  readonly packet: number
  early: number
  readonly outer: Indicated | undefined
}

export function createReceive5(
  k: Kernel,
  driver: DriverLife,
  receiver: PacketReceiver,
  takers?: PacketTakers,
): Receive5 {
  const { space, scheduler, clock, cpus, preempt } = k
  const { i32, r16, r32, w32 } = space
  const adapters = new Map<number, ReceivingAdapter>()
  const loans = new Map<number, Loan>()
  /** The packets that protocols look at right now, and how often they gave them back meanwhile. */
  let indicated: Indicated | undefined

  const statusAt = (packet: number): number => packet + r16(packet + PACKET.NdisPacketOobOffset) + OOB.Status

  function returnPacket(adapter: ReceivingAdapter, packet: number): void {
    if (adapter.returned) return adapter.returned(packet)
    const handler = driver.handler(adapter.returnPacket)
    if (!handler) return
    const call = (): void =>
      void driver.callback(ACTIVATION.CALLBACK, 'MiniportReturnPacket', DISPATCH_LEVEL, handler, [
        adapter.context,
        packet,
      ])
    if (adapter.run) adapter.run(call)
    else call()
  }
  function endLoan(packet: number): void {
    const loan = loans.get(packet)
    if (!loan) return
    loans.delete(packet)
    if (loan.alarm) clock.cancel(loan.alarm)
    scheduler.removeDpc(loan.work)
    // A packet that was freed meanwhile has its link of the free list here.
    const state = i32[(packet + STATE) >> 2]!
    if ((state & ALLOCATED) !== 0) i32[(packet + STATE) >> 2] = state & ~LOANED
    const adapter = adapters.get(loan.handle)
    if (adapter) returnPacket(adapter, packet)
  }
  /**
   * Protocols keep the packet until they gave it back so many times. The stand-in (0 times) does its work later, in a DPC
   * of the CPU that indicated it.
   */
  function lend(handle: number, packet: number, references: number): void {
    const cpu = cpus.current()
    const work: Work = {
      name: 'return of a packet',
      kind: ACTIVATION.DPC,
      irql: DISPATCH_LEVEL,
      run: () => endLoan(packet),
    }
    const loan: Loan = { handle, alarm: undefined, work, references }
    if (references === 0)
      loan.alarm = clock.setAlarm(clock.now() + receiver.holdingTime(), () => {
        loan.alarm = undefined
        scheduler.queueDpc(cpu, work)
      })
    loans.set(packet, loan)
    i32[(packet + STATE) >> 2] = i32[(packet + STATE) >> 2]! | LOANED
    i32[(packet + WAY) >> 2] = 0
    w32(statusAt(packet), NDIS_STATUS_PENDING)
  }

  /** One packet of the array; `mine`: the miniport wants it back at once. */
  function indicate(handle: number, adapter: ReceivingAdapter, packet: number, array: number, mine: boolean): void {
    if (loans.has(packet))
      k.bugcheck(
        'BUGCODE_NDIS_DRIVER',
        [RECVD_PACKET_IN_USE, handle, packet, array],
        'A packet is indicated again while the receiver still holds it.',
      )
    const canReturn = adapter.returned !== undefined || driver.handler(adapter.returnPacket) !== undefined
    const mayKeep = !mine && canReturn
    indicated = { packet, early: 0, outer: indicated }
    const taken = takers?.take(handle, packet, mayKeep)
    const { early, outer } = indicated
    indicated = outer
    if (taken === undefined ? receiver.receive(packet, mayKeep) : taken > early)
      return lend(handle, packet, (taken ?? 0) - early)
    if (mine) return
    w32(statusAt(packet), NDIS_STATUS_SUCCESS)
    // PV ff550510: a deserialized miniport does not look at the status, so it must be told.
    if (adapter.deserialized) returnPacket(adapter, packet)
  }

  function detach(handle: number): void {
    for (const [packet, loan] of [...loans]) if (loan.handle === handle) endLoan(packet)
    adapters.delete(handle)
  }

  return {
    functions: {
      /**
       * PV ff556997: on return NDIS_STATUS_SUCCESS means that the packet is the miniport's again, NDIS_STATUS_PENDING that
       * it is held until MiniportReturnPacket. Those set to NDIS_STATUS_RESOURCES, and all that follow one in the array
       * (PV ff558916), are copied and given back at once.
       */
      NdisMIndicateReceivePacket(MiniportAdapterHandle, ReceivePackets, NumberOfPackets) {
        preempt()
        const adapter = adapters.get(MiniportAdapterHandle)
        if (!adapter) return
        const array = ReceivePackets >>> 0
        const count = Math.min(NumberOfPackets >>> 0, Math.max(0, Math.floor((space.size - array) / 4)))
        let mine = false
        for (let i = 0; i < count; i++) {
          const packet = r32(array + 4 * i)
          if ((r32(statusAt(packet)) | 0) === NDIS_STATUS_RESOURCES) mine = true
          indicate(MiniportAdapterHandle, adapter, packet, array, mine)
        }
      },
    },
    adapterOf: (handle) => adapters.get(handle),
    attach: (handle, adapter) => void adapters.set(handle, adapter),
    detach,
    watcher: {
      started({ handle, version, context, attributeFlags, handlers }) {
        if (version >= NDIS_6) return
        const deserialized = (attributeFlags & NDIS_ATTRIBUTE_DESERIALIZE) !== 0
        adapters.set(handle, { context, returnPacket: handlers['ReturnPacketHandler'] ?? 0, deserialized })
      },
      stopping: ({ handle }) => detach(handle),
    },
    isHeld: (packet) => (loans.get(packet)?.references ?? 0) > 0,
    held: (handle) =>
      [...loans].flatMap(([packet, loan]) => (loan.handle === handle && loan.references > 0 ? [packet] : [])),
    giveBack(packet) {
      const loan = loans.get(packet)
      if (loan && loan.references > 0) {
        if (--loan.references === 0) endLoan(packet)
        return true
      }
      for (let look = indicated; look; look = look.outer)
        if (look.packet === packet) {
          look.early++
          return true
        }
      return false
    },
    out(handle) {
      let count = 0
      for (const loan of loans.values()) if (loan.handle === handle) count++
      return count
    },
  }
}
