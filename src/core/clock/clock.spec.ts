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
