import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import { SYS_ACTIVATION } from '../memory/records'

/** Which thread runs. A callback belongs to the thread that NDIS was called in; one that NDIS starts is a thread. */
export interface Threads {
  /** A number of the thread that runs, never 0 and never that of another one. */
  current(): number
  /** The number of the thread that ended last with this activation; 0 when nobody asked for it while it ran. */
  endedWith(activation: number): number
}

export function createThreads(k: Kernel): Threads {
  const { cpus } = k
  /** By the index of a thread's outermost activation, while that runs and after it returned. */
  const numbers: number[] = []
  const ended: number[] = []
  let newest = 0
  k.activationEnded.push((index) => {
    ended[index] = numbers[index] ?? 0
    numbers[index] = 0
  })

  const cpuOf = (index: number): number => cpus.activation(index, SYS_ACTIVATION.Cpu)
  /** The activation below on the same CPU; those of other CPUs may lie in between. -1: none. */
  function below(index: number): number {
    const cpu = cpuOf(index)
    let other = index - 1
    while (other >= 0 && cpuOf(other) !== cpu) other--
    return other
  }
  return {
    current() {
      let index = Math.max(0, cpus.depth() - 1)
      while (cpus.activation(index, SYS_ACTIVATION.Kind) === ACTIVATION.CALLBACK && below(index) >= 0)
        index = below(index)
      return (numbers[index] ||= ++newest)
    },
    endedWith: (activation) => ended[activation] ?? 0,
  }
}
