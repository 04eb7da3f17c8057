import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { constant } from './constants'

/** Flags of sends, send completions, receive indications and returns, as their macros set and test them (ndis.h). */
export function createTransferFlags(k: Kernel) {
  const { preempt } = k
  const { get32, put32 } = k.cells
  const tests = (flag: number) => (Flags: number) => {
    preempt()
    return (Flags & flag) !== 0 ? 1 : 0
  }
  /** In C the macro takes the variable itself; here it is a cell. */
  function setFlag(Flags: OutParam, Fl: number): void {
    put32(Flags, (get32(Flags) | Fl) >>> 0)
    preempt()
  }
  const resources = constant('NDIS_RECEIVE_FLAGS_RESOURCES')
  return {
    NDIS_TEST_SEND_FLAG(Flags: number, Fl: number): number {
      preempt()
      return (Flags & Fl) !== 0 ? 1 : 0
    },
    NDIS_SET_SEND_FLAG: setFlag,
    NDIS_SET_SEND_COMPLETE_FLAG: setFlag,
    NDIS_SET_RECEIVE_FLAG: setFlag,
    NDIS_SET_RETURN_FLAG: setFlag,
    NDIS_TEST_SEND_AT_DISPATCH_LEVEL: tests(constant('NDIS_SEND_FLAGS_DISPATCH_LEVEL')),
    NDIS_TEST_SEND_COMPLETE_AT_DISPATCH_LEVEL: tests(constant('NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL')),
    NDIS_TEST_RECEIVE_AT_DISPATCH_LEVEL: tests(constant('NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL')),
    NDIS_TEST_RETURN_AT_DISPATCH_LEVEL: tests(constant('NDIS_RETURN_FLAGS_DISPATCH_LEVEL')),
    NDIS_TEST_RECEIVE_CANNOT_PEND: tests(resources),
    NDIS_TEST_RECEIVE_CAN_PEND(Flags: number): number {
      preempt()
      return (Flags & resources) === 0 ? 1 : 0
    },
  }
}
