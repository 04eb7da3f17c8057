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

/** A registered interrupt. */
export interface Interrupt {
  /** Handle of NDIS 6, address of the NDIS_MINIPORT_INTERRUPT of NDIS 5. */
  readonly handle: number
  readonly adapter: Adapter
  readonly irql: number
  readonly site: number
  queueDpc(cpu: number, context: number): boolean
}

/** Interrupt lines: what a NIC pulls, and what a miniport has connected to them. */
export interface InterruptLines {
  connect(handle: number, adapter: Adapter, handlers: InterruptHandlers): Interrupt | undefined
  /** When it returns nothing of this interrupt runs any more. */
  disconnect(handle: number): void
  find(handle: number): Interrupt | undefined
  /** true when an interrupt was connected under the handle before. */
  wasConnected(handle: number): boolean
  /** Asks once in the name of the adapter, which has no device; false when nothing is connected. */
  assert(adapter: Adapter): boolean
  /** A device asserts its line or takes that back. */
  levelChanged(device: PciFunction, asserted: boolean): void
}

interface Line extends Interrupt {
  readonly source: InterruptSource
  readonly cells: number
}

export function createInterruptLines(k: Kernel, driver: DriverLife): InterruptLines {
  const { pool } = k
  const lines = new Map<number, Line>()
  const former = new Set<number>()

  function createLine(handle: number, adapter: Adapter, cells: number, handlers: InterruptHandlers): Line {
    const irql = DIRQL_BASE + lines.size
    const asserted = (): boolean => adapter.hardware?.interrupt() ?? false
    const source = createInterruptSource(k, driver, { irql, handlers, cells, asserted })
    return { handle, adapter, irql, site: k.site.s, cells, source, queueDpc: source.queueDpc }
  }

  return {
    connect(handle, adapter, handlers) {
      const cells = pool.allocate(CELLS_BYTES, CELLS_TAG, OWNER_NDIS, k.site.s, k.log.count())
      if (cells === 0) return undefined
      const line = createLine(handle, adapter, cells, handlers)
      lines.set(handle, line)
      former.delete(handle)
      adapter.interrupts.add(handle)
      // The device may have waited for somebody to listen.
      if (adapter.hardware?.interrupt()) line.source.raise()
      return line
    },
    disconnect(handle) {
      const line = lines.get(handle)
      if (!line) return
      lines.delete(handle)
      former.add(handle)
      line.adapter.interrupts.delete(handle)
      line.source.close()
      pool.free(line.cells, k.site.s)
    },
    find: (handle) => lines.get(handle),
    wasConnected: (handle) => former.has(handle),
    assert(adapter) {
      const line = [...lines.values()].find((candidate) => candidate.adapter === adapter)
      line?.source.raise()
      return line !== undefined
    },
    levelChanged(device, asserted) {
      for (const { adapter, source } of lines.values()) {
        if (adapter.hardware !== device) continue
        if (asserted) source.raise()
        else source.withdraw()
      }
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
