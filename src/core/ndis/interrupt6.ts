import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { Adapter, Adapters } from './adapters'
import { constant } from './constants'
import type { DriverLife } from './driver'
import { isrCells, type Interrupt, type InterruptLines } from './interrupt-line'
import type { InterruptHandlers, IsrVerdict } from './interrupt-source'
import { synchronize } from './interrupt5'
import { createMessageTable } from './message-table'
import { isObject } from './object-header'
import {
  NDIS_STATUS_BAD_CHARACTERISTICS,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

const CHARACTERISTICS = layout(
  'NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS',
  'InterruptHandler',
  'InterruptDpcHandler',
  'MsiSupported',
  'MessageInterruptHandler',
  'MessageInterruptDpcHandler',
  'InterruptType',
  'MessageInfoTable',
)
export const INTERRUPT_OBJECT = 'interrupt'
/** 'NDin' */
const INTERRUPT_TAG = 0x6e69444e
const INTERRUPT_BYTES = 16
const GROUP_AFFINITY = layout('GROUP_AFFINITY', 'Mask', 'Group')
/** The first version whose interrupt DPC gets NDIS_RECEIVE_THROTTLE_PARAMETERS. */
const THROTTLE_VERSION = 0x60014
/** NDIS_RECEIVE_THROTTLE_PARAMETERS: MaxNblsToIndicate, then a word whose lowest bit is MoreNblsPending. */
const THROTTLE_BYTES = 8
/** NDIS_INDICATE_ALL_NBLS */
const ALL_NBLS = 0xffff_ffff

/** Interrupts of NDIS 6 (DDI ndismregisterinterruptex, miniport_isr, miniport_interrupt_dpc, ndismqueuedpc). */
export function createInterrupts6(k: Kernel, adapters: Adapters, lines: InterruptLines, driver: DriverLife) {
  const { space, cpus, objects, pool, preempt } = k
  const { r8, r32, w32 } = space
  const { put32 } = k.cells
  /** Message tables by the handles of their interrupts. */
  const tables = new Map<number, number>()

  const cpusOf = (mask: number): number[] =>
    Array.from({ length: cpus.count }, (_unused, cpu) => cpu).filter((cpu) => (mask >>> cpu) & 1)

  /** Runs with a record for the receive throttle, which is gone afterwards. */
  function withThrottle(adapter: Adapter, run: (address: number) => void): void {
    if (adapter.version < THROTTLE_VERSION) return run(0)
    const address = pool.allocate(THROTTLE_BYTES, INTERRUPT_TAG, OWNER_NDIS, k.site.s, k.log.count())
    if (address === 0) return run(0)
    w32(address, ALL_NBLS)
    w32(address + 4, 0)
    run(address)
    pool.free(address, k.site.s)
  }
  /** The DPCs come whatever the ISR returns; the default one takes the place of TargetProcessors. */
  const verdict = (cells: number): IsrVerdict => ({
    cpus: r8(cells) !== 0 ? [cpus.current()] : cpusOf(r32(cells + 4)),
  })
  function lineHandlers(adapter: Adapter, context: number, isr: number, dpc: number): InterruptHandlers {
    return {
      isrEntry: 'MINIPORT_ISR',
      isrName: 'MiniportInterrupt',
      dpcEntry: 'MINIPORT_INTERRUPT_DPC',
      dpcName: 'MiniportInterruptDPC',
      isr(invoke, cells) {
        invoke(driver.handler(isr)!, [context, ...isrCells(k, cells, 'u32')])
        return verdict(cells)
      },
      dpc: (invoke, dpcContext) =>
        withThrottle(adapter, (throttle) => invoke(driver.handler(dpc)!, [context, dpcContext, throttle, 0])),
    }
  }
  function messageHandlers(adapter: Adapter, context: number, isr: number, dpc: number): InterruptHandlers {
    return {
      isrEntry: 'MINIPORT_MESSAGE_INTERRUPT',
      isrName: 'MiniportMessageInterrupt',
      dpcEntry: 'MINIPORT_MESSAGE_INTERRUPT_DPC',
      dpcName: 'MiniportMessageInterruptDPC',
      isr(invoke, cells, message) {
        invoke(driver.handler(isr)!, [context, message, ...isrCells(k, cells, 'u32')])
        return verdict(cells)
      },
      dpc: (invoke, dpcContext, message) =>
        withThrottle(adapter, (throttle) => invoke(driver.handler(dpc)!, [context, message, dpcContext, throttle, 0])),
    }
  }
  /** The handlers that a driver registers, or undefined when one that must be there is none. */
  function readCharacteristics(address: number) {
    const at = (offset: number): number => r32(address + offset)
    const line = { isr: at(CHARACTERISTICS.InterruptHandler), dpc: at(CHARACTERISTICS.InterruptDpcHandler) }
    const message = {
      isr: at(CHARACTERISTICS.MessageInterruptHandler),
      dpc: at(CHARACTERISTICS.MessageInterruptDpcHandler),
    }
    const takesMessages = r8(address + CHARACTERISTICS.MsiSupported) !== 0
    const needed = takesMessages ? [line.isr, line.dpc, message.isr, message.dpc] : [line.isr, line.dpc]
    const header = {
      type: constant('NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT'),
      size: constant('NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1'),
    }
    if (!isObject(space, address, header) || !needed.every((handler) => driver.handler(handler))) return undefined
    return { line, message, takesMessages }
  }
  /** Connects to the messages of the device if both sides know them, else to its line. */
  function connect(
    handle: number,
    adapter: Adapter,
    context: number,
    { line, message, takesMessages }: NonNullable<ReturnType<typeof readCharacteristics>>,
  ): Interrupt | undefined {
    const messages = takesMessages ? (adapter.hardware?.msi.messages ?? 0) : 0
    const handlers =
      messages > 0
        ? messageHandlers(adapter, context, message.isr, message.dpc)
        : lineHandlers(adapter, context, line.isr, line.dpc)
    return lines.connect(handle, adapter, handlers, messages)
  }
  /** The processors on which the DPC was queued now: one that waits already is not queued again. */
  function queueDpcs(handle: number, message: number, mask: number, context: number): number {
    const line = lines.find(handle)
    // A line has one DPC, whatever message it is given.
    const which = line && line.messages > 0 ? message : 0
    let queued = 0
    for (const cpu of cpusOf(mask)) if (line?.queueDpc(cpu, context, which)) queued |= 1 << cpu
    return queued
  }

  return {
    NdisMRegisterInterruptEx(
      MiniportAdapterHandle: number,
      MiniportInterruptContext: number,
      MiniportInterruptCharacteristics: number,
      NdisInterruptHandle: OutParam,
    ): number {
      preempt()
      put32(NdisInterruptHandle, 0)
      const adapter = adapters.find(MiniportAdapterHandle)
      const characteristics = MiniportInterruptCharacteristics
      const given = readCharacteristics(characteristics)
      if (!given) return NDIS_STATUS_BAD_CHARACTERISTICS
      if (!adapter || adapter.interrupts.size > 0) return NDIS_STATUS_FAILURE
      const handle = objects.create(INTERRUPT_OBJECT, INTERRUPT_TAG, INTERRUPT_BYTES, false)
      const interrupt = handle === 0 ? undefined : connect(handle, adapter, MiniportInterruptContext, given)
      if (!interrupt) {
        objects.destroy(handle)
        return NDIS_STATUS_RESOURCES
      }
      const byMessage = interrupt.messages > 0
      const table = byMessage ? createMessageTable(k, interrupt) : 0
      if (table !== 0) tables.set(handle, table)
      w32(
        characteristics + CHARACTERISTICS.InterruptType,
        constant(byMessage ? 'NDIS_CONNECT_MESSAGE_BASED' : 'NDIS_CONNECT_LINE_BASED'),
      )
      w32(characteristics + CHARACTERISTICS.MessageInfoTable, table)
      put32(NdisInterruptHandle, handle)
      return NDIS_STATUS_SUCCESS
    },
    NdisMDeregisterInterruptEx(NdisInterruptHandle: number): void {
      const table = tables.get(NdisInterruptHandle)
      lines.disconnect(NdisInterruptHandle)
      objects.destroy(NdisInterruptHandle)
      if (table !== undefined) pool.free(table, k.site.s)
      tables.delete(NdisInterruptHandle)
      preempt()
    },
    NdisMSynchronizeWithInterruptEx(
      NdisInterruptHandle: number,
      _MessageId: number,
      SynchronizeFunction: unknown,
      SynchronizeContext: number,
    ): number {
      preempt()
      return synchronize(
        k,
        driver,
        lines,
        NdisInterruptHandle,
        'MINIPORT_SYNCHRONIZE_INTERRUPT',
        SynchronizeFunction,
        SynchronizeContext,
      )
    },
    NdisMQueueDpc(
      NdisInterruptHandle: number,
      MessageId: number,
      TargetProcessors: number,
      MiniportDpcContext: number,
    ): number {
      preempt()
      return queueDpcs(NdisInterruptHandle, MessageId, TargetProcessors, MiniportDpcContext ?? 0)
    },
    /** Processors of other groups than the first do not exist. */
    NdisMQueueDpcEx(
      NdisInterruptHandle: number,
      MessageId: number,
      TargetProcessors: number,
      MiniportDpcContext: number,
    ): number {
      preempt()
      const group = space.r16(TargetProcessors + GROUP_AFFINITY.Group)
      const mask = group === 0 ? r32(TargetProcessors + GROUP_AFFINITY.Mask) : 0
      return queueDpcs(NdisInterruptHandle, MessageId, mask, MiniportDpcContext ?? 0)
    },
  }
}
