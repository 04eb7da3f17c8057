import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { Adapter, Adapters } from './adapters'
import type { DriverLife, Invoke } from './driver'
import { isrCells, type InterruptLines } from './interrupt-line'
import type { InterruptHandlers, IsrVerdict } from './interrupt-source'
import type { Serial } from './serial'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const INTERRUPT = layout(
  'NDIS_MINIPORT_INTERRUPT',
  'InterruptObject',
  'MiniportIsr',
  'MiniportDpc',
  'Miniport',
  'SharedInterrupt',
  'IsrRequested',
)
const NO_DPC: IsrVerdict = { cpus: [] }

/** Interrupts of NDIS 3 to 5 (PV NdisMRegisterInterrupt, ff553649). The driver keeps the NDIS_MINIPORT_INTERRUPT. */
export function createInterrupts5(
  k: Kernel,
  adapters: Adapters,
  lines: InterruptLines,
  driver: DriverLife,
  serial: Serial,
) {
  const { space, cpus, preempt } = k
  const { w8, w32, r8 } = space

  function callOptional(invoke: Invoke, target: number | undefined, context: number): void {
    const handler = driver.handler(target)
    if (handler) invoke(handler, [context])
  }
  function handlersOf(adapter: Adapter, asks: boolean, handle: number): InterruptHandlers {
    const { handlers } = adapter
    return {
      isrEntry: asks ? 'MiniportISR' : 'MiniportDisableInterrupt',
      isrName: asks ? 'MiniportISR' : 'MiniportDisableInterrupt',
      dpcEntry: 'MiniportHandleInterrupt',
      dpcName: 'MiniportHandleInterrupt',
      isr(invoke, cells) {
        const here: IsrVerdict = { cpus: [cpus.current()] }
        // While it initializes, a miniport is asked in any case, and gets no DPC.
        const initializing = adapter.phase === 'initializing'
        const isr = driver.handler(handlers['ISRHandler'])
        if ((asks || initializing) && isr) {
          invoke(isr, [...isrCells(k, cells, 'u8'), adapter.context])
          return r8(cells + 4) !== 0 && !initializing ? here : NO_DPC
        }
        callOptional(invoke, handlers['DisableInterruptHandler'], adapter.context)
        return initializing ? NO_DPC : here
      },
      dpc(invoke) {
        const cpu = cpus.current()
        // A serialized miniport that runs already gets its DPC when it has returned.
        if (!serial.enter(adapter)) return serial.whenFree(adapter, () => void lines.find(handle)?.queueDpc(cpu, 0))
        callOptional(invoke, handlers['HandleInterruptHandler'], adapter.context)
        callOptional(invoke, handlers['EnableInterruptHandler'], adapter.context)
        serial.leave(adapter)
      },
    }
  }

  return {
    NdisMRegisterInterrupt(
      Interrupt: number,
      MiniportAdapterHandle: number,
      _InterruptVector: number,
      _InterruptLevel: number,
      RequestIsr: number,
      SharedInterrupt: number,
      _InterruptMode: number,
    ): number {
      preempt()
      const adapter = adapters.find(MiniportAdapterHandle)
      if (!adapter || adapter.interrupts.size > 0) return NDIS_STATUS_FAILURE
      // PV: NDIS asks the ISR when the driver wants it so, and must when others share the line.
      const line = lines.connect(
        Interrupt,
        adapter,
        handlersOf(adapter, Boolean(RequestIsr) || Boolean(SharedInterrupt), Interrupt),
      )
      if (!line) return NDIS_STATUS_RESOURCES
      space.fill(Interrupt, INTERRUPT.SIZE, 0)
      w32(Interrupt + INTERRUPT.InterruptObject, adapter.handle)
      w32(Interrupt + INTERRUPT.MiniportIsr, adapter.handlers['ISRHandler'] ?? 0)
      w32(Interrupt + INTERRUPT.MiniportDpc, adapter.handlers['HandleInterruptHandler'] ?? 0)
      w32(Interrupt + INTERRUPT.Miniport, adapter.handle)
      w8(Interrupt + INTERRUPT.SharedInterrupt, SharedInterrupt ? 1 : 0)
      w8(Interrupt + INTERRUPT.IsrRequested, RequestIsr ? 1 : 0)
      return NDIS_STATUS_SUCCESS
    },
    NdisMDeregisterInterrupt(Interrupt: number): void {
      lines.disconnect(Interrupt)
      preempt()
    },
    NdisMSynchronizeWithInterrupt(Interrupt: number, SynchronizeFunction: unknown, SynchronizeContext: number): number {
      preempt()
      return synchronize(k, driver, lines, Interrupt, 'MiniportSynchronizeISR', SynchronizeFunction, SynchronizeContext)
    },
  }
}

/** Runs a function at the level of the interrupt, which so cannot come (DDI ndismsynchronizewithinterruptex). */
export function synchronize(
  k: Kernel,
  driver: DriverLife,
  lines: InterruptLines,
  handle: number,
  entry: string,
  target: unknown,
  context: number,
): number {
  const line = lines.find(handle)
  const handler = driver.handler(target)
  if (!handler) return k.fault(driver.address(target), false, 'The function to synchronize with an interrupt is none.')
  if (!line || k.cpus.irql() > line.irql)
    return k.bugcheck(
      'IRQL_NOT_LESS_OR_EQUAL',
      [handle, k.cpus.irql()],
      line
        ? 'A call synchronizes with an interrupt at an IRQL above its own.'
        : 'A call synchronizes with an interrupt that is not registered.',
    )
  return driver.callback(ACTIVATION.SYNCHRONIZED, entry, line.irql, handler, [context]) ? 1 : 0
}
