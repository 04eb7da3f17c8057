import { TICKS_PER_MS } from '../clock/clock'
import { DIRQL_BASE } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { LiveCell } from '../memory/cell'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { PciFunction } from '../nic/pci'
import type { Adapter } from './adapters'
import type { DriverLife } from './driver'
import { createInterruptSource, type InterruptHandlers, type InterruptSource } from './interrupt-source'

/** 'NDic': the two out parameters of an ISR. */
const CELLS_TAG = 0x6369444e
const CELLS_BYTES = 8
/** What the first message of a device writes: the entry of the interrupt table. */
export const FIRST_MESSAGE_VECTOR = 0x51

/** A registered interrupt. */
export interface Interrupt {
  /** Handle of NDIS 6, address of the NDIS_MINIPORT_INTERRUPT of NDIS 5. */
  readonly handle: number
  readonly adapter: Adapter
  readonly irql: number
  readonly site: number
  /** Messages that it is connected to; 0 when it is connected to the line. */
  readonly messages: number
  /** false when that DPC waits already, or there is no such CPU or message. A line has message 0. */
  queueDpc(cpu: number, context: number, message?: number): boolean
}

/** Interrupt lines: what a NIC pulls, and what a miniport has connected to them. */
export interface InterruptLines {
  /** To the line of the adapter, or to as many messages of its device. undefined when memory is short. */
  connect(handle: number, adapter: Adapter, handlers: InterruptHandlers, messages?: number): Interrupt | undefined
  /** When it returns nothing of this interrupt runs any more. */
  disconnect(handle: number): void
  find(handle: number): Interrupt | undefined
  /** The interrupt whose ISR runs at this level. */
  atLevel(irql: number): Interrupt | undefined
  /** true when an interrupt was connected under the handle before. */
  wasConnected(handle: number): boolean
  /** Asks once in the name of the adapter, which has no device; false when nothing is connected. */
  assert(adapter: Adapter): boolean
  /** A device asserts its line or takes that back. */
  levelChanged(device: PciFunction, asserted: boolean): void
  messageSent(device: PciFunction, message: number): void
}

interface Line extends Interrupt {
  /** One for a line, or one a message. */
  readonly sources: readonly InterruptSource[]
  readonly cells: number
}

export function createInterruptLines(k: Kernel, driver: DriverLife): InterruptLines {
  const { pool } = k
  const lines = new Map<number, Line>()
  const former = new Set<number>()

  function createLine(
    handle: number,
    adapter: Adapter,
    cells: number,
    handlers: InterruptHandlers,
    messages: number,
  ): Line {
    const irql = DIRQL_BASE + lines.size
    const asserted = (): boolean => messages === 0 && (adapter.hardware?.interrupt() ?? false)
    const sources = Array.from({ length: Math.max(1, messages) }, (_unused, message) =>
      createInterruptSource(k, driver, {
        irql,
        handlers,
        message,
        cells: cells + message * CELLS_BYTES,
        asserted,
      }),
    )
    return {
      handle,
      adapter,
      irql,
      site: k.site.s,
      messages,
      cells,
      sources,
      queueDpc: (cpu, context, message = 0) => sources[message]?.queueDpc(cpu, context) ?? false,
    }
  }

  return {
    connect(handle, adapter, handlers, messages = 0) {
      const cells = pool.allocate(CELLS_BYTES * Math.max(1, messages), CELLS_TAG, OWNER_NDIS, k.site.s, k.log.count())
      if (cells === 0) return undefined
      const line = createLine(handle, adapter, cells, handlers, messages)
      lines.set(handle, line)
      former.delete(handle)
      adapter.interrupts.add(handle)
      if (messages > 0) adapter.hardware?.msi.enable(FIRST_MESSAGE_VECTOR)
      // The device may have waited for somebody to listen.
      else if (adapter.hardware?.interrupt()) line.sources[0]?.raise()
      return line
    },
    disconnect(handle) {
      const line = lines.get(handle)
      if (!line) return
      lines.delete(handle)
      former.add(handle)
      line.adapter.interrupts.delete(handle)
      if (line.messages > 0) line.adapter.hardware?.msi.disable()
      for (const source of line.sources) source.close()
      pool.free(line.cells, k.site.s)
    },
    find: (handle) => lines.get(handle),
    atLevel: (irql) => [...lines.values()].find((line) => line.irql === irql),
    wasConnected: (handle) => former.has(handle),
    assert(adapter) {
      const line = [...lines.values()].find((candidate) => candidate.adapter === adapter)
      line?.sources[0]?.raise()
      return line !== undefined
    },
    levelChanged(device, asserted) {
      for (const { adapter, sources, messages } of lines.values()) {
        if (adapter.hardware !== device || messages > 0) continue
        if (asserted) sources[0]?.raise()
        else sources[0]?.withdraw()
      }
    },
    messageSent(device, message) {
      for (const { adapter, sources, messages } of lines.values())
        if (adapter.hardware === device && messages > 0) sources[message]?.raise()
    },
  }
}

/** The out parameters of an ISR as it receives them. */
export const isrCells = (k: Kernel, cells: number, second: 'u8' | 'u32'): readonly [LiveCell, LiveCell] => [
  new LiveCell(k, cells, 'u8'),
  new LiveCell(k, cells + 4, second),
]

/** Pulses of a line that no NIC drives, one a millisecond from the start of the adapter. */
const PULSES = 4

/** Stands in for a NIC where there is none: asserts the line a few times, so that the ISR runs and can decide. */
export function pulseLine(k: Kernel, lines: InterruptLines, adapter: Adapter): void {
  if (adapter.hardware) return
  const pulse = (left: number): void => {
    k.clock.setAlarm(k.clock.now() + TICKS_PER_MS, () => {
      if (lines.assert(adapter) && left > 1) pulse(left - 1)
    })
  }
  pulse(PULSES)
}
