import { TICKS_PER_MS } from '../clock/clock'
import { ACTIVATION } from '../kernel/cpus'
import { DIRQL_BASE, DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Work } from '../kernel/scheduler'
import { LiveCell } from '../memory/cell'
import { SYS_MACHINE } from '../memory/records'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { Adapter } from './adapters'
import type { DriverLife, Invoke } from './driver'

/** 'NDic': the two out parameters of an ISR. */
const CELLS_TAG = 0x6369444e

/** What an ISR wants: DPCs on these CPUs. */
export interface IsrVerdict {
  readonly cpus: readonly number[]
}

/** How one generation of miniports is called. */
export interface InterruptHandlers {
  readonly isrEntry: string
  readonly isrName: string
  readonly dpcEntry: string
  readonly dpcName: string
  /** Calls the ISR with the two live cells at `cells` and `cells + 4`. */
  isr(invoke: Invoke, cells: number): IsrVerdict
  dpc(invoke: Invoke, context: number): void
}

/** A registered interrupt: one line, one DPC object a CPU. */
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
  /** A device asserts the line of the adapter; false when nothing is connected to it. */
  assert(adapter: Adapter): boolean
}

interface Line extends Interrupt {
  readonly isr: Work
  readonly dpcs: readonly { readonly work: Work; queued: boolean; context: number }[]
  readonly cells: number
  isrQueued: boolean
}

export function createInterruptLines(k: Kernel, driver: DriverLife): InterruptLines {
  const { scheduler, cpus, space, pool, machine } = k
  const lines = new Map<number, Line>()
  const former = new Set<number>()

  function createLine(handle: number, adapter: Adapter, cells: number, handlers: InterruptHandlers): Line {
    const irql = DIRQL_BASE + lines.size
    const dpcs = Array.from({ length: cpus.count }, () => {
      const dpc = {
        queued: false,
        context: 0,
        work: driver.work(
          ACTIVATION.DPC,
          handlers.dpcEntry,
          DISPATCH_LEVEL,
          (invoke) => {
            dpc.queued = false
            handlers.dpc(invoke, dpc.context)
          },
          handlers.dpcName,
        ),
      }
      return dpc
    })
    const line: Line = {
      handle,
      adapter,
      irql,
      site: k.site.s,
      cells,
      dpcs,
      isrQueued: false,
      queueDpc(cpu, context) {
        const dpc = dpcs[cpu]
        if (!dpc || dpc.queued) return false
        dpc.queued = true
        dpc.context = context
        scheduler.queueDpc(cpu, dpc.work)
        return true
      },
      isr: driver.work(
        ACTIVATION.ISR,
        handlers.isrEntry,
        irql,
        (invoke) => {
          line.isrQueued = false
          space.w32(machine + SYS_MACHINE.Irqs, space.r32(machine + SYS_MACHINE.Irqs) + 1)
          space.fill(cells, 8, 0)
          for (const cpu of handlers.isr(invoke, cells).cpus) line.queueDpc(cpu, 0)
        },
        handlers.isrName,
      ),
    }
    return line
  }

  return {
    connect(handle, adapter, handlers) {
      const cells = pool.allocate(8, CELLS_TAG, OWNER_NDIS, k.site.s, k.log.count())
      if (cells === 0) return undefined
      const line = createLine(handle, adapter, cells, handlers)
      lines.set(handle, line)
      former.delete(handle)
      adapter.interrupts.add(handle)
      return line
    },
    disconnect(handle) {
      const line = lines.get(handle)
      if (!line) return
      lines.delete(handle)
      former.add(handle)
      line.adapter.interrupts.delete(handle)
      scheduler.removeInterrupt(line.isr)
      for (const dpc of line.dpcs)
        if (scheduler.removeDpc(dpc.work))
          scheduler.runNested(dpc.work.kind, dpc.work.name, dpc.work.irql, dpc.work.run)
      pool.free(line.cells, k.site.s)
    },
    find: (handle) => lines.get(handle),
    wasConnected: (handle) => former.has(handle),
    assert(adapter) {
      for (const line of lines.values()) {
        if (line.adapter !== adapter) continue
        // A line that is asserted already stays so: the ISR runs once.
        if (!line.isrQueued) {
          line.isrQueued = true
          scheduler.queueInterrupt(cpus.current(), line.isr)
        }
        return true
      }
      return false
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

/** Stands in for a NIC: asserts the adapter's line a few times, so that its ISR runs and can decide. */
export function pulseLine(k: Kernel, lines: InterruptLines, adapter: Adapter): void {
  const pulse = (left: number): void => {
    k.clock.setAlarm(k.clock.now() + TICKS_PER_MS, () => {
      if (lines.assert(adapter) && left > 1) pulse(left - 1)
    })
  }
  pulse(PULSES)
}
