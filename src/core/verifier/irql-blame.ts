import type { Cpus } from '../kernel/cpus'
import { SYS_ACTIVATION } from '../memory/records'

/** Activations that go on at a wrong IRQL, and of which the cause is reported: releases and the return are not reported once more. */
export interface IrqlBlame {
  /** A report says that the function of the driver that runs, or the one with this index, loses its IRQL. */
  blame(index?: number): void
  isBlamed(index?: number): boolean
}

export function createIrqlBlame(cpus: Cpus): IrqlBlame {
  /** By index: when the activation began, which tells it from a later one with the same index. */
  const began: number[] = []
  const startOf = (index: number): number =>
    (cpus.activation(index, SYS_ACTIVATION.StartLow) >>> 0) +
    cpus.activation(index, SYS_ACTIVATION.StartHigh) * 0x1_0000_0000
  return {
    blame(index = cpus.depth() - 1) {
      if (index >= 0) began[index] = startOf(index)
    },
    isBlamed: (index = cpus.depth() - 1) => index >= 0 && began[index] === startOf(index),
  }
}
