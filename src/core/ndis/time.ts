import { TICKS_PER_MS } from '../clock/clock'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'

/** System time at the start of every run, 1 January 2000, in units of 100 ns since 1601: runs are the same on any day. */
export const SYSTEM_TIME_AT_START = 125_911_584_000_000_000n
/** Units of 100 ns between two clock interrupts (KeQueryTimeIncrement): 64 a second. */
const TIME_INCREMENT = 156_250
/** One performance count is one tick of virtual time. */
const COUNTS_PER_SECOND = 10_000_000

/** Virtual time as the interface gives it (DDI ndisgetcurrentsystemtime, ndisgetsystemuptimeex; WDM KeQueryTickCount). */
export function createTimeQueries(k: Kernel) {
  const { clock, preempt, cells } = k
  function systemTime(time: OutParam<number | bigint>): void {
    preempt()
    cells.put64(time, SYSTEM_TIME_AT_START + BigInt(clock.now()))
  }
  const upTime = (): number => Math.floor(clock.now() / TICKS_PER_MS)
  return {
    NdisGetCurrentSystemTime: systemTime,
    KeQuerySystemTime: systemTime,
    KeQuerySystemTimePrecise: systemTime,
    NdisGetSystemUpTime(pSystemUpTime: OutParam): void {
      preempt()
      cells.put32(pSystemUpTime, upTime())
    },
    NdisGetSystemUpTimeEx(pSystemUpTime: OutParam<number | bigint>): void {
      preempt()
      cells.put64(pSystemUpTime, BigInt(upTime()))
    },
    KeQueryTickCount(TickCount: OutParam<number | bigint>): void {
      preempt()
      cells.put64(TickCount, BigInt(Math.floor(clock.now() / TIME_INCREMENT)))
    },
    KeQueryPerformanceCounter(PerformanceFrequency?: OutParam<number | bigint>): bigint {
      preempt()
      if (PerformanceFrequency) cells.put64(PerformanceFrequency, BigInt(COUNTS_PER_SECOND))
      return BigInt(clock.now())
    },
  }
}
