import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { Text } from './string'

const STATE = layout('KBUGCHECK_CALLBACK_RECORD', 'State').State
/** KBUGCHECK_BUFFER_DUMP_STATE: not registered. */
const BUFFER_EMPTY = 0
const LONGEST_TEXT = 512

/** Breaks into the debugger and stops that drivers make themselves (WDM dbgbreakpoint, rtlassert, kebugcheckex). */
export function createDebugBreaks(k: Kernel) {
  const { space, preempt } = k
  const read = (text: Text): string =>
    typeof text === 'string' ? text : text ? space.readAscii(text, LONGEST_TEXT) : ''
  const stop = (code: number, parameters: readonly number[]): never =>
    k.bugcheckByCode(code, parameters, 'The driver stops the system itself (KeBugCheckEx).')
  return {
    DbgBreakPoint(): void {
      preempt()
      k.breakIn('DbgBreakPoint', 'The driver breaks into the debugger.')
    },
    RtlAssert(FailedAssertion: Text, FileName: Text, LineNumber: number, Message?: Text): void {
      preempt()
      const message = read(Message)
      const text = `Assertion failed: ${message === '' ? '' : `${message}: `}${read(FailedAssertion)} (${read(FileName)}, line ${LineNumber})`
      k.verifier.violation('ASSERT', 'RtlAssert', text)
      k.breakIn('RtlAssert', text)
    },
    KeBugCheck: (BugCheckCode: number): never => stop(BugCheckCode, []),
    KeBugCheckEx: (BugCheckCode: number, ...BugCheckParameters: number[]): never =>
      stop(BugCheckCode, BugCheckParameters.map(Number)),
    KeInitializeCallbackRecord(CallbackRecord: number): void {
      space.w8(CallbackRecord + STATE, BUFFER_EMPTY)
      preempt()
    },
  }
}
