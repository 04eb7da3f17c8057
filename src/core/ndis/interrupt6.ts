import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { Adapter, Adapters } from './adapters'
import { constant } from './constants'
import type { DriverLife } from './driver'
import { isrCells, type InterruptLines } from './interrupt-line'
import type { InterruptHandlers } from './interrupt-source'
import { synchronize } from './interrupt5'
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
  'InterruptType',
  'MessageInfoTable',
)
export const INTERRUPT_OBJECT = 'interrupt'
/** 'NDin' */
const INTERRUPT_TAG = 0x6e69444e
const INTERRUPT_BYTES = 16
/** NDIS_CONNECT_LINE_BASED */
const LINE_BASED = 1
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
  function handlersOf(adapter: Adapter, context: number, isr: number, dpc: number): InterruptHandlers {
    return {
      isrEntry: 'MINIPORT_ISR',
      isrName: 'MiniportInterrupt',
      dpcEntry: 'MINIPORT_INTERRUPT_DPC',
      dpcName: 'MiniportInterruptDPC',
      isr(invoke, cells) {
        invoke(driver.handler(isr)!, [context, ...isrCells(k, cells, 'u32')])
        // The DPCs come whatever the ISR returns; the default one takes the place of TargetProcessors.
        return { cpus: r8(cells) !== 0 ? [cpus.current()] : cpusOf(r32(cells + 4)) }
      },
      dpc: (invoke, dpcContext) =>
        withThrottle(adapter, (throttle) => invoke(driver.handler(dpc)!, [context, dpcContext, throttle, 0])),
    }
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
      const isr = r32(characteristics + CHARACTERISTICS.InterruptHandler)
      const dpc = r32(characteristics + CHARACTERISTICS.InterruptDpcHandler)
      const header = {
        type: constant('NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT'),
        size: constant('NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1'),
      }
      if (!isObject(space, characteristics, header) || !driver.handler(isr) || !driver.handler(dpc))
        return NDIS_STATUS_BAD_CHARACTERISTICS
      if (!adapter || adapter.interrupts.size > 0) return NDIS_STATUS_FAILURE
      const handle = objects.create(INTERRUPT_OBJECT, INTERRUPT_TAG, INTERRUPT_BYTES, false)
      if (handle === 0) return NDIS_STATUS_RESOURCES
      if (!lines.connect(handle, adapter, handlersOf(adapter, MiniportInterruptContext, isr, dpc))) {
        objects.destroy(handle)
        return NDIS_STATUS_RESOURCES
      }
      w32(characteristics + CHARACTERISTICS.InterruptType, LINE_BASED)
      w32(characteristics + CHARACTERISTICS.MessageInfoTable, 0)
      put32(NdisInterruptHandle, handle)
      return NDIS_STATUS_SUCCESS
    },
    NdisMDeregisterInterruptEx(NdisInterruptHandle: number): void {
      lines.disconnect(NdisInterruptHandle)
      objects.destroy(NdisInterruptHandle)
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
    /** The processors on which it was queued now: a DPC that waits already is not queued again. */
    NdisMQueueDpc(
      NdisInterruptHandle: number,
      _MessageId: number,
      TargetProcessors: number,
      MiniportDpcContext: number,
    ): number {
      preempt()
      const line = lines.find(NdisInterruptHandle)
      let queued = 0
      for (const cpu of cpusOf(TargetProcessors)) if (line?.queueDpc(cpu, MiniportDpcContext ?? 0)) queued |= 1 << cpu
      return queued
    },
  }
}
