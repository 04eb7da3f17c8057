import { describe, expect, test } from 'vitest'
import { TICKS_PER_MS } from '../clock/clock'
import { layout } from '../memory/layout'
import { cell, createGuest, type Guest } from '../test-guest'
import { SYSTEM_TIME_AT_START } from './time'

const STRING = layout('UNICODE_STRING', 'Length', 'MaximumLength', 'Buffer')

const pass = (guest: Guest, ms: number): void =>
  void guest.machine.kernel.scheduler.runUntil(() => false, ms * TICKS_PER_MS)

describe('time (DDI ndisgetcurrentsystemtime, ndisgetsystemuptimeex; WDM kequerytickcount)', () => {
  test('is virtual: the same at each start, and counts what passed', () => {
    const guest = createGuest()
    const at = guest.memory(8)
    const system = (name: string): bigint => {
      guest.call(name, at)
      return guest.machine.kernel.space.r64(at) - SYSTEM_TIME_AT_START
    }
    pass(guest, 250)
    for (const name of ['NdisGetCurrentSystemTime', 'KeQuerySystemTimePrecise']) {
      expect(system(name)).toBeGreaterThanOrEqual(2_500_000n)
      expect(system(name)).toBeLessThan(2_500_100n)
    }
    const up = cell()
    guest.call('NdisGetSystemUpTime', up)
    expect(up.value).toBe(250)
    guest.call('NdisGetSystemUpTimeEx', at)
    expect(guest.machine.kernel.space.r64(at)).toBe(250n)
    guest.call('KeQueryTickCount', at)
    expect(guest.machine.kernel.space.r64(at)).toBe(16n)
    const counter = guest.call64('KeQueryPerformanceCounter', at)
    expect(guest.machine.kernel.space.r64(at)).toBe(10_000_000n)
    expect(counter).toBeGreaterThanOrEqual(2_500_000n)
  })
  test('KeStallExecutionProcessor lets it pass without letting go of the processor', () => {
    const guest = createGuest()
    const before = guest.machine.kernel.clock.now()
    guest.call('KeStallExecutionProcessor', 40)
    guest.call('NdisStallExecution', 10)
    expect(guest.machine.kernel.clock.now() - before).toBeGreaterThanOrEqual(500)
    expect(guest.broken()).toEqual([])
  })
})

describe('system (DDI ndisgetversion, ndissystemprocessorcount)', () => {
  test('version by platform, processors as configured', () => {
    const guest = createGuest({ cpus: 4 })
    expect(guest.call('NdisGetVersion')).toBe(0x6_001e)
    expect(createGuest({ platform: 'ce' }).call('NdisGetVersion')).toBe(0x5_0001)
    expect([guest.call('NdisSystemProcessorCount'), guest.call('KeQueryActiveProcessorCountEx', 0)]).toEqual([4, 4])
    const mask = cell()
    expect([guest.call('NdisSystemActiveProcessorCount', mask), mask.value]).toEqual([4, 0b1111])
    expect([guest.call('NdisCurrentProcessorIndex'), guest.call('KeGetCurrentProcessorNumber')]).toEqual([0, 0])
    const [idle, busy, index, usage] = [cell(), cell(), cell(), cell()]
    pass(guest, 1000)
    guest.call('NdisGetCurrentProcessorCounts', idle, busy, index)
    guest.call('NdisGetCurrentProcessorCpuUsage', usage)
    expect([idle.value, busy.value, index.value, usage.value]).toEqual([64, 0, 0, 0])
  })
  test('KeMemoryBarrier takes a tick, PAGED_CODE demands an IRQL below DISPATCH_LEVEL', () => {
    const guest = createGuest()
    const before = guest.machine.kernel.clock.now()
    guest.call('KeMemoryBarrier')
    guest.call('PAGED_CODE')
    expect(guest.machine.kernel.clock.now() - before).toBe(2)
  })
})

describe('counted strings (DDI ndisinitunicodestring, ndisinitializestring; WDM rtlinitunicodestring)', () => {
  const read = (guest: Guest, at: number): { length: number; maximum: number; text: string } => {
    const { r16, r32 } = guest.machine.kernel.space
    const [length, buffer] = [r16(at + STRING.Length), r32(at + STRING.Buffer)]
    const text = Array.from({ length: length / 2 }, (_unused, i) => String.fromCharCode(r16(buffer + 2 * i))).join('')
    return { length, maximum: r16(at + STRING.MaximumLength), text }
  }
  test.each(['NdisInitUnicodeString', 'RtlInitUnicodeString'])('%s points at the literal', (name) => {
    const guest = createGuest()
    const at = guest.memory(8)
    guest.call(name, at, 'Größe')
    expect(read(guest, at)).toEqual({ length: 10, maximum: 12, text: 'Größe' })
    guest.call(name, at, 0)
    expect(read(guest, at)).toMatchObject({ length: 0, maximum: 0 })
  })
  test('NdisInitAnsiString has one byte a character', () => {
    const guest = createGuest()
    const at = guest.memory(8)
    guest.call('NdisInitAnsiString', at, 'abc')
    const { r16, r32, r8 } = guest.machine.kernel.space
    expect([r16(at), r16(at + 2), r8(r32(at + 4) + 2)]).toEqual([3, 4, 0x63])
  })
  test('NdisInitializeString copies to Unicode; NdisFreeString gives the copy back, once', () => {
    const guest = createGuest()
    const at = guest.memory(8)
    guest.call('NdisInitializeString', at, 'adapter')
    expect(read(guest, at)).toMatchObject({ length: 14, text: 'adapter' })
    guest.call('NdisFreeString', at)
    expect(guest.broken()).toEqual([])
    expect(createGuest({ rules: false }).machine.kernel.stopped()).toBeNull()
    const bare = createGuest({ rules: false })
    const empty = bare.memory(8)
    bare.machine.kernel.space.fill(empty, 8, 0)
    expect(bare.crash(() => bare.call('NdisFreeString', empty)).name).toBe('BAD_POOL_CALLER')
  })
  test.each(['NdisEqualString', 'NdisEqualUnicodeString'])('%s compares, with or without case', (name) => {
    const guest = createGuest()
    const [a, b] = [guest.memory(8), guest.memory(8)]
    guest.call('NdisInitUnicodeString', a, 'Speed')
    guest.call('NdisInitUnicodeString', b, 'SPEED')
    expect([guest.call(name, a, b, 0), guest.call(name, a, b, 1)]).toEqual([0, 1])
    guest.call('NdisInitUnicodeString', b, 'Speed1')
    expect(guest.call(name, a, b, 1)).toBe(0)
  })
})
