import { expect, test } from 'vitest'
import { createMachine, createSharedMemory } from '../../machine'
import { createDelay } from './delay'

function setUp() {
  const { clock } = createMachine({ memory: createSharedMemory(3 * 1024 * 1024) }).kernel
  const happened: number[] = []
  const start = clock.now()
  const delay = createDelay({ clock }, () => happened.push(clock.now() - start))
  const until = (time: number): void => {
    while (clock.nextDue() <= start + time) {
      clock.advance(clock.nextDue() - clock.now())
      clock.fireDue()
    }
    clock.advance(start + time - clock.now())
  }
  return { delay, happened, until, at: (time: number) => start + time }
}

test('happens once, at its time', () => {
  const { delay, happened, until, at } = setUp()
  delay.startAt(at(50))
  expect(delay.due()).toBe(at(50))
  until(200)
  expect([happened, delay.due()]).toEqual([[50], Infinity])
})
test('is put off, again and again, and brought forward', () => {
  const { delay, happened, until, at } = setUp()
  for (const time of [50, 70, 90]) delay.startAt(at(time))
  until(60)
  delay.startAt(at(120))
  until(119)
  expect(happened).toEqual([])
  delay.startAt(at(300))
  delay.startAt(at(150))
  until(400)
  expect(happened).toEqual([150])
})
test('does not happen when it was stopped, and can be started again', () => {
  const { delay, happened, until, at } = setUp()
  delay.startAt(at(50))
  delay.stop()
  delay.startAt(at(80))
  delay.stop()
  until(100)
  expect(happened).toEqual([])
  delay.startAt(at(110))
  until(200)
  expect(happened).toEqual([110])
})
