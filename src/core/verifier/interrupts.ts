import type { Kernel } from '../kernel/kernel'
import type { Executive } from '../ndis/executive'
import { hex } from './hex'
import { lastCallback } from './last-callback'
import type { Before, RuleFamily } from './rules'

/** Interrupts: registered too early or twice, used after they are gone, left by an adapter (SDV Init_RegisterInterrupt, Init_DeRegisterInterrupt). */
export function interruptRules(k: Kernel, { adapters, lines }: Executive): RuleFamily {
  const { violation } = k.verifier

  function register(fn: string, handle: number): boolean {
    const adapter = adapters.find(handle)
    if (!adapter) return false
    const [other] = adapter.interrupts
    if (other !== undefined)
      violation('InterruptRegisteredTwice', fn, `${fn} registers a second interrupt; the adapter has one.`, {
        allocated: lines.find(other)?.site ?? 0,
      })
    if (!adapter.attributesSet)
      violation(
        'AttributesNotSet',
        fn,
        `${fn} is called before the adapter's attributes are set: the ISR may come now and has no context to be called with.`,
      )
    return false
  }
  /** true when there is no such interrupt. */
  function use(fn: string, handle: number): boolean {
    if (lines.find(handle)) return false
    violation(
      'NdisMDeregisterInterruptEx',
      fn,
      lines.wasConnected(handle)
        ? `${fn} uses the interrupt ${hex(handle)} after it was deregistered.`
        : `${fn} was given ${hex(handle)}, which is no registered interrupt.`,
    )
    return true
  }
  /** A message that the interrupt does not have; those of a line are not looked at. */
  function message(fn: string, handle: number, id: number): boolean {
    const line = lines.find(handle)
    if (!line || line.messages === 0 || (id >= 0 && id < line.messages)) return use(fn, handle)
    violation(
      'InvalidMessageId',
      fn,
      `${fn} was given message ${id}; the interrupt has ${line.messages}, counted from 0.`,
      { allocated: line.site },
    )
    return true
  }
  adapters.watch({
    ended(adapter) {
      for (const handle of adapter.interrupts) {
        const site = lines.find(handle)?.site ?? 0
        const place = { at: site, allocated: site }
        if (adapter.phase === 'initializing')
          violation(
            'Init_RegisterInterrupt',
            lastCallback(adapter),
            'MiniportInitialize failed, and the interrupt that it registered here is still registered.',
            place,
          )
        else
          violation(
            'Init_DeRegisterInterrupt',
            lastCallback(adapter),
            'The interrupt that is registered here is still registered when its adapter is gone.',
            place,
          )
      }
    },
  })

  const each = (names: readonly string[], make: (fn: string) => Before): Readonly<Record<string, Before>> =>
    Object.fromEntries(names.map((name) => [name, make(name)]))
  return {
    before: {
      NdisMRegisterInterrupt: (_interrupt: number, handle: number) => register('NdisMRegisterInterrupt', handle),
      NdisMRegisterInterruptEx: (handle: number) => register('NdisMRegisterInterruptEx', handle),
      ...each(
        ['NdisMDeregisterInterrupt', 'NdisMDeregisterInterruptEx', 'NdisMSynchronizeWithInterrupt'],
        (fn) => (handle: number) => use(fn, handle),
      ),
      ...each(
        ['NdisMSynchronizeWithInterruptEx', 'NdisMQueueDpc', 'NdisMQueueDpcEx'],
        (fn) => (handle: number, id: number) => message(fn, handle, id),
      ),
    },
  }
}
