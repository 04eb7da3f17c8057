import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { createGuest } from '../test-guest'

const setUp = (rules = true) => {
  const output: string[] = []
  const breaks: string[] = []
  const guest = createGuest({
    rules,
    environment: { onOutput: (text) => void output.push(text), onBreak: (why) => void breaks.push(why) },
  })
  return { guest, output, breaks }
}

describe('breaks (WDM dbgbreakpoint, rtlassert)', () => {
  test('DbgBreakPoint stops in the debugger and is a line of output; without a debugger the run goes on', () => {
    const { guest, output, breaks } = setUp()
    guest.call('DbgBreakPoint')
    expect(output).toEqual(['*** DbgBreakPoint: The driver breaks into the debugger.\n'])
    expect(breaks).toEqual(['DbgBreakPoint: The driver breaks into the debugger.'])
    expect(guest.broken()).toEqual([])
    expect(createGuest().call('DbgBreakPoint')).toBe(0)
  })
  test('RtlAssert says what failed, where, and breaks', () => {
    const { guest, output, breaks } = setUp()
    const file = guest.memory(8)
    guest.machine.kernel.space.writeAscii(file, 'nic.c')
    guest.call('RtlAssert', 'count > 0', file, 42, 'ring is empty')
    guest.call('RtlAssert', 'x', 0, 1)
    expect(output[0]).toBe('*** RtlAssert: Assertion failed: ring is empty: count > 0 (nic.c, line 42)\n')
    expect(breaks).toHaveLength(2)
    expect(guest.broken()).toEqual(['ASSERT', 'ASSERT'])
  })
})

describe('stops (WDM kebugcheck, kebugcheckex)', () => {
  test('have the name of their code where it is known, and their parameters', () => {
    const known = setUp().guest
    expect(known.crash(() => known.call('KeBugCheckEx', 0x7c, 1, 2, 3, -1))).toMatchObject({
      code: 0x7c,
      name: 'BUGCODE_NDIS_DRIVER',
      parameters: [1, 2, 3, 0xffffffff],
    })
    const own = setUp().guest
    expect(own.crash(() => own.call('KeBugCheck', 0xdeadbeef | 0))).toMatchObject({
      code: 0xdeadbeef,
      name: '0xDEADBEEF',
      parameters: [0, 0, 0, 0],
    })
    expect(own.machine.kernel.stopped()?.code).toBe(0xdeadbeef)
  })
  test('KeInitializeCallbackRecord makes a record that is not registered', () => {
    const { guest } = setUp()
    const record = layout('KBUGCHECK_CALLBACK_RECORD', 'State')
    const at = guest.memory(record.SIZE)
    guest.call('KeInitializeCallbackRecord', at)
    expect(guest.bytes(at + record.State, 1)).toEqual([0])
  })
})
