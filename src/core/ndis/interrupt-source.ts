import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Work } from '../kernel/scheduler'
import { SYS_MACHINE } from '../memory/records'
import type { DriverLife, Invoke } from './driver'

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
  /** Calls the ISR with the two live cells at `cells` and `cells + 4`. `message` is 0 for a line. */
  isr(invoke: Invoke, cells: number, message: number): IsrVerdict
  dpc(invoke: Invoke, context: number, message: number): void
}

/** Where interrupts come from: the ISR, and a DPC object a CPU. */
export interface InterruptSource {
  /** Queues the ISR, unless it waits already. */
  raise(): void
  /** The device took its request back before the ISR ran. */
  withdraw(): void
  /** false when the DPC of that CPU waits already, or there is no such CPU. */
  queueDpc(cpu: number, context: number): boolean
  /** When it returns nothing of this source runs any more. DPCs that wait run before. */
  close(): void
}

interface Parts {
  readonly irql: number
  readonly handlers: InterruptHandlers
  readonly message: number
  /** Address of the two out parameters of the ISR, 8 bytes. */
  readonly cells: number
  /** Level of the line; always false for what is no line. */
  readonly asserted: () => boolean
}

/** ISR calls in a row that left the line asserted: nobody quiets it. */
const LOUD_CALLS = 100
/** ISR calls without the CPU coming below DISPATCH_LEVEL in between: ISR and DPC call each other for ever. */
const BUSY_CALLS = 10_000

/** Counts what a line does to the CPU, so that one that screams does not hang the machine. */
function createStormWatch({ cpus, scheduler }: Kernel) {
  let loud = 0
  let busy = 0
  let cpu = -1
  let calmed = -1
  return {
    /** After an ISR call: why this is a storm, or undefined. */
    called(asserted: boolean): string | undefined {
      const here = cpus.current()
      const calm = scheduler.calmed(here)
      busy = here === cpu && calm === calmed ? busy + 1 : 0
      cpu = here
      calmed = calm
      loud = asserted ? loud + 1 : 0
      if (loud >= LOUD_CALLS) return `${LOUD_CALLS} calls in a row returned with the interrupt still asserted`
      if (busy >= BUSY_CALLS) return `${BUSY_CALLS} calls came before the CPU got below DISPATCH_LEVEL again`
      return undefined
    },
  }
}

/** A level-triggered line, or something that asks once: its ISR comes again for as long as it is asserted. */
export function createInterruptSource(
  k: Kernel,
  driver: DriverLife,
  { irql, handlers, message, cells, asserted }: Parts,
): InterruptSource {
  const { scheduler, cpus, space, machine } = k
  const storm = createStormWatch(k)
  let queued = false
  let running = false
  /** Asked for while the ISR ran, by something that asks once. */
  let again = false
  let masked = false

  function queueIsr(): void {
    if (queued || masked) return
    queued = true
    scheduler.queueInterrupt(cpus.current(), isr)
  }
  /** The ISR returned: the line decides whether it is called again. */
  function returned(): void {
    const loud = asserted()
    const why = storm.called(loud)
    if (why === undefined) {
      if (loud || again) queueIsr()
      again = false
      return
    }
    masked = true
    scheduler.removeInterrupt(isr)
    k.verifier.violation(
      'InterruptStorm',
      handlers.isrName,
      `${handlers.isrName} does not quiet its device: ${why}. The interrupt is masked for good; the ISR must clear or disable the cause at the device.`,
    )
  }
  const isr = driver.work(
    ACTIVATION.ISR,
    handlers.isrEntry,
    irql,
    (invoke) => {
      queued = false
      running = true
      space.w32(machine + SYS_MACHINE.Irqs, space.r32(machine + SYS_MACHINE.Irqs) + 1)
      space.fill(cells, 8, 0)
      for (const cpu of handlers.isr(invoke, cells, message).cpus) queueDpc(cpu, 0)
      running = false
      returned()
    },
    handlers.isrName,
  )
  const dpcs = Array.from({ length: cpus.count }, (): { queued: boolean; context: number; readonly work: Work } => {
    const dpc = {
      queued: false,
      context: 0,
      work: driver.work(
        ACTIVATION.DPC,
        handlers.dpcEntry,
        DISPATCH_LEVEL,
        (invoke) => {
          dpc.queued = false
          handlers.dpc(invoke, dpc.context, message)
        },
        handlers.dpcName,
      ),
    }
    return dpc
  })
  function queueDpc(cpu: number, context: number): boolean {
    const dpc = dpcs[cpu]
    if (!dpc || dpc.queued) return false
    dpc.queued = true
    dpc.context = context
    scheduler.queueDpc(cpu, dpc.work)
    return true
  }
  return {
    queueDpc,
    raise() {
      // While the ISR runs, on whatever CPU, it holds the interrupt off. What a line says is seen when it returns.
      if (!running) queueIsr()
      else if (!asserted()) again = true
    },
    withdraw() {
      if (!queued) return
      queued = false
      scheduler.removeInterrupt(isr)
    },
    close() {
      masked = true
      scheduler.removeInterrupt(isr)
      for (const dpc of dpcs)
        if (scheduler.removeDpc(dpc.work))
          scheduler.runNested(dpc.work.kind, dpc.work.name, dpc.work.irql, dpc.work.run)
    },
  }
}
