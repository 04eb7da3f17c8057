import { describe, expect, test } from 'vitest'
import { TICKS_PER_MS } from '../clock/clock'
import { DISPATCH_LEVEL } from '../kernel/irql'
import { layout } from '../memory/layout'
import { createGuest } from '../test-guest'
import { constant } from './constants'
import { SYSTEM_TIME_AT_START } from './time'

const KTIMER = layout('KTIMER', 'Header.SignalState', 'Header.Type')
const STATUS_TIMEOUT = constant('STATUS_TIMEOUT')

const setUp = () => {
  const guest = createGuest()
  const { kernel } = guest.machine
  const fired: number[] = []
  const dpc = guest.memory(layout('KDPC').SIZE)
  const timer = guest.memory(KTIMER.SIZE)
  guest.call(
    'KeInitializeDpc',
    dpc,
    (_dpc: number, context: number) => void fired.push(Math.floor(kernel.clock.now() / TICKS_PER_MS), context, kernel.cpus.irql()),
    5,
  ) // prettier-ignore
  guest.call('KeInitializeTimer', timer)
  const pass = (ms: number): void => void kernel.scheduler.runUntil(() => false, ms * TICKS_PER_MS)
  const signaled = (): boolean => kernel.space.r32(timer + KTIMER['Header.SignalState']) !== 0
  const look = (): number => guest.call('KeWaitForSingleObject', timer, 0, 0, 0, zero)
  const zero = guest.memory(8)
  kernel.space.w64(zero, 0n)
  return { guest, kernel, dpc, timer, fired, pass, signaled, look }
}

describe('kernel timers (WDM kesettimer, kesettimerex, kecanceltimer)', () => {
  test('fire once after an interval, which is negative, in units of 100 ns', () => {
    const { guest, timer, dpc, fired, pass, signaled } = setUp()
    expect(guest.call('KeSetTimer', timer, -20 * TICKS_PER_MS, dpc)).toBe(0)
    pass(19)
    expect([fired, signaled()]).toEqual([[], false])
    pass(100)
    expect([fired, signaled()]).toEqual([[20, 5, DISPATCH_LEVEL], true])
    expect(guest.broken()).toEqual([])
  })
  test('fire at a system time', () => {
    const { guest, timer, dpc, fired, pass } = setUp()
    guest.call('KeSetTimer', timer, SYSTEM_TIME_AT_START + BigInt(30 * TICKS_PER_MS), dpc)
    pass(100)
    expect(fired[0]).toBe(30)
    guest.call('KeSetTimer', timer, SYSTEM_TIME_AT_START, dpc)
    pass(1)
    expect(fired).toHaveLength(6)
  })
  test('fire again and again with a period in milliseconds, until they are cancelled', () => {
    const { guest, timer, dpc, fired, pass } = setUp()
    guest.call('KeSetTimerEx', timer, BigInt(-10 * TICKS_PER_MS), 5, dpc)
    pass(22)
    expect(fired.filter((_value, i) => i % 3 === 0)).toEqual([10, 15, 20])
    expect([guest.call('KeCancelTimer', timer), guest.call('KeCancelTimer', timer)]).toEqual([1, 0])
    pass(50)
    expect(fired).toHaveLength(9)
  })
  test('set again count down anew, and say that they did already', () => {
    const { guest, timer, dpc, fired, pass } = setUp()
    guest.call('KeSetTimer', timer, -10 * TICKS_PER_MS, dpc)
    pass(5)
    expect(guest.call('KeSetTimer', timer, -10 * TICKS_PER_MS, dpc)).toBe(1)
    pass(50)
    expect(fired[0]).toBe(15)
    expect(fired).toHaveLength(3)
  })
  test('without a DPC they only become signaled', () => {
    const { guest, timer, pass, signaled, look } = setUp()
    guest.call('KeSetTimer', timer, -10 * TICKS_PER_MS, 0)
    expect(look()).toBe(STATUS_TIMEOUT)
    pass(11)
    expect([look(), look(), signaled()]).toEqual([0, 0, true])
    expect(guest.broken()).toEqual([])
  })
  test('a synchronization timer lets one wait through', () => {
    const { guest, timer, pass, look } = setUp()
    guest.call('KeInitializeTimerEx', timer, constant('SynchronizationTimer'))
    guest.call('KeSetTimer', timer, -10 * TICKS_PER_MS)
    pass(11)
    expect([look(), look()]).toEqual([0, STATUS_TIMEOUT])
  })
  test('a wait without a limit lasts until the timer fires', () => {
    const { guest, kernel, timer } = setUp()
    guest.call('KeSetTimer', timer, -7 * TICKS_PER_MS)
    expect(guest.call('KeWaitForSingleObject', timer, 0, 0, 0, 0)).toBe(0)
    expect(Math.floor(kernel.clock.now() / TICKS_PER_MS)).toBe(7)
  })
})

describe('kernel timers in trouble', () => {
  test('used before they are initialized, with a DPC that is none, initialized or freed while armed', () => {
    const { guest, timer, dpc } = setUp()
    const other = guest.memory(KTIMER.SIZE)
    guest.call('KeSetTimer', other, -1, dpc)
    guest.call('KeCancelTimer', other)
    guest.call('KeSetTimerEx', timer, -1, 0, guest.memory(32))
    guest.call('KeSetTimer', timer, -1_000_000, dpc)
    guest.call('KeInitializeTimer', timer)
    guest.call('KeSetTimer', timer, -1_000_000, dpc)
    guest.call('ExFreePool', timer)
    expect(guest.broken()).toEqual([
      'TimerUninitialized',
      'TimerUninitialized',
      'DpcUninitialized',
      'TimerReinit',
      'DV:FreeWithActiveTimer',
    ])
  })
  test('a DPC overwritten while its timer is armed stops the machine', () => {
    const { guest, kernel, timer, dpc, pass } = setUp()
    guest.call('KeSetTimer', timer, -10, dpc)
    kernel.space.fill(dpc, 32, 0xcc)
    expect(guest.crash(() => pass(1)).name).toBe('TIMER_OR_DPC_INVALID')
  })
})
