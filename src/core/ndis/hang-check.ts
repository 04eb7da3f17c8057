import type { Alarm } from '../clock/clock'
import { TICKS_PER_MS } from '../clock/clock'
import type { Kernel } from '../kernel/kernel'
import type { Adapter, AdapterWatcher } from './adapters'

/** How often NDIS asks when the miniport does not say: every two seconds (PV NdisMSetAttributesEx). */
const DEFAULT_SECONDS = 2

/** Asks each adapter from time to time whether its NIC hangs, and resets it when it says so (DDI miniport_check_for_hang). */
export function createHangChecks(k: Kernel): AdapterWatcher {
  const { clock, scheduler } = k
  const alarms = new Map<Adapter, Alarm>()

  function check(adapter: Adapter): void {
    if (alarms.has(adapter) && adapter.phase === 'running' && adapter.control?.checkForHang()) adapter.control.reset()
  }
  function arm(adapter: Adapter): void {
    const seconds = adapter.checkForHangSeconds || DEFAULT_SECONDS
    const alarm = clock.setAlarm(clock.now() + seconds * 1000 * TICKS_PER_MS, () => {
      scheduler.queuePassive('hang check', () => check(adapter))
      arm(adapter)
    })
    alarms.set(adapter, alarm)
  }
  return {
    started(adapter) {
      // Without a handler there is nothing to ask, and time may stand still.
      if (adapter.handlers['CheckForHangHandler'] || adapter.handlers['CheckForHangHandlerEx']) arm(adapter)
    },
    stopping(adapter) {
      const alarm = alarms.get(adapter)
      if (alarm) clock.cancel(alarm)
      alarms.delete(adapter)
    },
  }
}
