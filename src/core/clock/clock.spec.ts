import { expect, test } from 'vitest'
import { createMachine } from '../machine'
import { SYS_MACHINE } from '../memory/records'

const EPOCH = 0x1_0000_0000

test('the high word of virtual time is kept beside the activation in what events carry', () => {
  const { kernel } = createMachine()
  const { clock, scheduler, space, machine } = kernel
  const high = (): number => space.i32[(machine + SYS_MACHINE.Context) >> 2]! >>> 8
  expect([clock.now(), high()]).toEqual([0, 0])
  scheduler.runUntil(() => false, EPOCH - 3)
  expect([clock.now(), high()]).toEqual([EPOCH - 3, 0])
  for (let call = 0; call < 6; call++) kernel.preempt()
  expect([clock.now(), high()]).toEqual([EPOCH + 3, 1])
  scheduler.runUntil(() => false, 5 * EPOCH)
  expect([clock.now(), high()]).toEqual([6 * EPOCH + 3, 6])
})

test('alarms fire at their time, those of one time in the order they were set', () => {
  const { kernel } = createMachine()
  const fired: string[] = []
  const at = (due: number, name: string) =>
    kernel.clock.setAlarm(due, () => fired.push(`${name} at ${kernel.clock.now()}`))
  at(20, 'late')
  at(10, 'first')
  at(10, 'second')
  kernel.clock.cancel(at(10, 'cancelled'))
  kernel.scheduler.runUntil(() => false, 100)
  expect(fired).toEqual(['first at 10', 'second at 10', 'late at 20'])
})

test('an alarm is set again without being made again, earlier or later, and takes its place behind those of its time', () => {
  const { kernel } = createMachine()
  const { clock } = kernel
  const fired: string[] = []
  const again = clock.createAlarm(() => fired.push(`again at ${clock.now()}`))
  clock.resetAlarm(again, 50)
  clock.setAlarm(10, () => fired.push('ten'))
  clock.resetAlarm(again, 10)
  clock.setAlarm(20, () => clock.resetAlarm(again, 30))
  kernel.scheduler.runUntil(() => false, 100)
  expect(fired).toEqual(['ten', 'again at 10', 'again at 30'])
  expect(clock.cancel(again)).toBe(false)
})

test('hundreds of alarms, set, taken back and moved, fire as a sorted list has them', () => {
  const { kernel } = createMachine({ seed: 7 })
  const { clock, random } = kernel
  const fired: string[] = []
  const expected: { due: number; order: number; name: string }[] = []
  let order = 0
  const alarms = Array.from({ length: 400 }, (_unused, index) => {
    const due = 1 + random.below(60)
    expected.push({ due, order: order++, name: `${index}` })
    return clock.setAlarm(due, () => fired.push(`${index}@${clock.now()}`))
  })
  for (let change = 0; change < 300; change++) {
    const index = random.below(alarms.length)
    const at = expected.findIndex(({ name }) => name === `${index}`)
    if (random.below(2) === 0) {
      expect(clock.cancel(alarms[index]!)).toBe(at >= 0)
      if (at >= 0) expected.splice(at, 1)
      continue
    }
    if (at >= 0) expected.splice(at, 1)
    const due = 1 + random.below(60)
    clock.resetAlarm(alarms[index]!, due)
    expected.push({ due, order: order++, name: `${index}` })
  }
  kernel.scheduler.runUntil(() => false, 100)
  expected.sort((a, b) => a.due - b.due || a.order - b.order)
  expect(fired).toEqual(expected.map(({ name, due }) => `${name}@${due}`))
})

test('what is posted from outside happens at the next preemption point, however far the next alarm is', () => {
  const { kernel } = createMachine()
  let happened = -1
  kernel.preempt()
  kernel.clock.post(() => (happened = kernel.clock.now()))
  expect(happened).toBe(-1)
  kernel.preempt()
  expect(happened).toBe(2)
})
