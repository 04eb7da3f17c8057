import type { Kernel } from '../kernel/kernel'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { OutParam } from '../memory/cell'
import type { LockWord } from './lock-word'

/** Atomic arithmetic (DDI ndisinterlockedincrement ...; WDM interlocked pages). A target is a cell or an address. */
export function createInterlocked(k: Kernel, { takeInside, dropInside }: LockWord) {
  const { preempt, space } = k
  const { get32, put32 } = k.cells

  /** Replaces the value; the old one. Nothing can come between: preemption points are before and after, not inside. */
  function replace(target: OutParam, next: (old: number) => number): number {
    preempt()
    const old = get32(target) | 0
    put32(target, next(old) | 0)
    return old
  }
  const increment = (Addend: OutParam): number => (replace(Addend, (old) => old + 1) + 1) | 0
  const decrement = (Addend: OutParam): number => (replace(Addend, (old) => old - 1) - 1) | 0
  const exchange = (Target: OutParam, Value: number): number => replace(Target, () => Value)
  const compareExchange = (Destination: OutParam, Exchange: number, Comparand: number): number =>
    replace(Destination, (old) => (old === (Comparand | 0) ? Exchange : old))
  const or = (Destination: OutParam, Value: number): number => replace(Destination, (old) => old | Value)

  function addLarge(address: number, increment64: number | bigint): bigint {
    const old = space.r64(address)
    space.w64(address, old + BigInt(increment64))
    return BigInt.asIntN(64, old)
  }

  return {
    NdisInterlockedIncrement: increment,
    NdisInterlockedDecrement: decrement,
    NdisInterlockedAddUlong(Addend: OutParam, Increment: number, SpinLock: number): number {
      preempt()
      const irql = takeInside(SpinLock, DISPATCH_LEVEL)
      const old = get32(Addend)
      put32(Addend, (old + Increment) >>> 0)
      dropInside(SpinLock, irql)
      return old
    },
    NdisInterlockedAddLargeInteger(Addend: number, Increment: number, SpinLock: number): bigint {
      preempt()
      const irql = takeInside(SpinLock, DISPATCH_LEVEL)
      const old = addLarge(Addend, Increment >>> 0)
      dropInside(SpinLock, irql)
      return old
    },
    NdisInterlockedAddLargeStatistic(Addend: number, Increment: number): void {
      preempt()
      addLarge(Addend, Increment >>> 0)
    },
    InterlockedIncrement: increment,
    InterlockedDecrement: decrement,
    InterlockedExchange: exchange,
    _InterlockedExchange: exchange,
    InterlockedExchangeAdd: (Addend: OutParam, Value: number): number => replace(Addend, (old) => old + Value),
    InterlockedCompareExchange: compareExchange,
    InterlockedExchangePointer: (Target: OutParam, Value: number): number => exchange(Target, Value) >>> 0,
    InterlockedCompareExchangePointer: (Destination: OutParam, Exchange: number, Comparand: number): number =>
      compareExchange(Destination, Exchange, Comparand) >>> 0,
    InterlockedAnd: (Destination: OutParam, Value: number): number => replace(Destination, (old) => old & Value),
    InterlockedOr: or,
    _InterlockedOr: or,
  }
}
