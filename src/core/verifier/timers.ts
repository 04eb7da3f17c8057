import type { Kernel } from '../kernel/kernel'
import { irqlName, PASSIVE_LEVEL } from '../kernel/irql'
import type { Executive } from '../ndis/executive'
import { TIMER_OBJECT } from '../ndis/timer6'
import { beforeFree, type FreedBlock } from './freed-memory'
import { badHandle } from './handles'
import { hex } from './hex'
import { lastCallback } from './last-callback'
import type { Before, RuleFamily } from './rules'

/** Timers: used before they are initialized, freed while armed, cancelled at the wrong level, left armed by an adapter. */
export function timerRules(k: Kernel, { timers, adapters }: Executive): RuleFamily {
  const { verifier, cpus } = k
  const { violation } = verifier

  function initialize(fn: string, timer: number): boolean {
    if (timers.isArmed(timer))
      violation(
        'TimerReinit',
        fn,
        `The timer at ${hex(timer)} is initialized again while it is armed; cancel it first.`,
      )
    return false
  }
  function known(fn: string, timer: number): boolean {
    if (timers.initialized(timer)) return false
    violation('TimerUninitialized', fn, `${fn} uses the timer at ${hex(timer)}, which was never initialized.`)
    return true
  }
  const object = (fn: string, timer: number): boolean => badHandle(k, fn, timer, TIMER_OBJECT)

  /** A block of pool that is freed with an armed timer in it. */
  function freed(fn: string, { start, end, allocated }: FreedBlock): void {
    const timer = timers.armed().find((candidate) => candidate >= start && candidate < end)
    if (timer === undefined) return
    // What the kernel writes there when it fires comes of that.
    if (k.verifier.level('DV:FreeWithActiveTimer') !== 'off') k.damage.saw(timer, end - timer)
    violation(
      'DV:FreeWithActiveTimer',
      fn,
      `${fn} frees memory that holds the armed timer at ${hex(timer)}: when it fires, Windows runs what lies there then.`,
      { allocated },
    )
  }
  adapters.watch({
    ended(adapter) {
      for (const timer of adapter.timers)
        if (timers.isArmed(timer))
          violation(
            'CancelTimerObject',
            lastCallback(adapter),
            `The timer at ${hex(timer)} is still armed when its adapter is gone; cancel it before.`,
          )
    },
  })

  const each = (names: readonly string[], make: (fn: string) => Before): Readonly<Record<string, Before>> =>
    Object.fromEntries(names.map((name) => [name, make(name)]))
  return {
    before: {
      ...each(
        ['NdisInitializeTimer', 'NdisMInitializeTimer', 'KeInitializeTimer', 'KeInitializeTimerEx'],
        (fn) => (timer: number) => initialize(fn, timer),
      ),
      ...each(
        [
          'NdisSetTimer',
          'NdisSetTimerEx',
          'NdisSetPeriodicTimer',
          'NdisCancelTimer',
          'NdisMSetTimer',
          'NdisMSetPeriodicTimer',
          'NdisMCancelTimer',
          'KeSetTimer',
          'KeSetTimerEx',
          'KeCancelTimer',
        ],
        (fn) => (timer: number) => known(fn, timer),
      ),
      ...each(['NdisSetTimerObject', 'NdisSetCoalescableTimerObject'], (fn) => (timer: number) => object(fn, timer)),
      NdisCancelTimerObject(timer: number) {
        if (object('NdisCancelTimerObject', timer)) return true
        if (timers.isPeriodic(timer) && cpus.irql() > PASSIVE_LEVEL)
          violation(
            'PeriodicTimer',
            'NdisCancelTimerObject',
            `A periodic timer is cancelled at ${irqlName(cpus.irql())}; that waits for its DPCs and so needs PASSIVE_LEVEL.`,
          )
        return false
      },
      NdisFreeTimerObject(timer: number) {
        if (object('NdisFreeTimerObject', timer)) return true
        if (timers.isArmed(timer))
          violation(
            'DV:FreeWithActiveTimer',
            'NdisFreeTimerObject',
            `The timer object at ${hex(timer)} is freed while it is armed: when it fires, its memory is somebody else's.`,
            k.objects.find(timer, TIMER_OBJECT) ?? {},
          )
        return false
      },
      ...beforeFree(k, freed),
    },
  }
}
