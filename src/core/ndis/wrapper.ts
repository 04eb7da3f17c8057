import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'

export const WRAPPER_OBJECT = 'wrapper handle'
/** 'NDwr' */
const WRAPPER_TAG = 0x7277444e
const WRAPPER_BYTES = 16

/** The wrapper handle that drivers of NDIS 3 to 5 register with (PV NdisMInitializeWrapper, NdisTerminateWrapper). */
export function createWrappers(k: Kernel) {
  const { objects, preempt } = k
  function initialize(
    NdisWrapperHandle: OutParam,
    _SystemSpecific1: number,
    _SystemSpecific2: number,
    _SystemSpecific3: number,
  ): void {
    preempt()
    k.cells.put32(NdisWrapperHandle, objects.create(WRAPPER_OBJECT, WRAPPER_TAG, WRAPPER_BYTES))
  }
  return {
    NdisMInitializeWrapper: initialize,
    NdisInitializeWrapper: initialize,
    NdisTerminateWrapper(NdisWrapperHandle: number, _SystemSpecific: number): void {
      if (objects.find(NdisWrapperHandle, WRAPPER_OBJECT)) objects.destroy(NdisWrapperHandle)
      preempt()
    },
  }
}
