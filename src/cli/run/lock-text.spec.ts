import { expect, test } from 'vitest'
import type { LockReport } from '../../shared/report'
import { lockLines } from './lock-text'
import { cleanReport } from './report.fixture'

const at = (line: number) => ({ function: 'DriverEntry', file: 'driver.ts', line, column: 3 })
const lines = (...locks: LockReport[]) =>
  lockLines({ ...cleanReport, locks }, { name: (file) => `drivers/${file}`, time: (ns) => `${ns} ns` })

test('a line a class of locks, numbers to the right', () => {
  const lock: LockReport = {
    kind: 'spin lock',
    name: 'spin lock initialized at driver.ts:12',
    file: 'driver.ts',
    line: 12,
    locks: 3,
    acquisitions: 1024,
    contentions: 0,
    longestHoldNs: 16_300,
    longestHoldAt: at(40),
    longestWaitNs: 0,
  }
  const mutex: LockReport = {
    ...lock,
    kind: 'mutex',
    line: 7,
    locks: 1,
    contentions: 2,
    longestWaitNs: 500,
    longestWaitAt: at(9),
  }
  const { longestHoldAt: _none, ...never } = lock
  expect(lines(lock, mutex, { ...never, name: 'cancel spin lock', file: '', line: 0, locks: 1 })).toEqual([
    'lock                                acquired  found held  longest hold                        longest wait',
    '3 x spin lock drivers/driver.ts:12      1024           0  16300 ns from drivers/driver.ts:40  -',
    'mutex drivers/driver.ts:7               1024           2  16300 ns from drivers/driver.ts:40  500 ns from drivers/driver.ts:9',
    'cancel spin lock                        1024           0  -                                   -',
  ])
})

test('without any, it says so', () => {
  expect(lines()).toEqual(['no lock was acquired, or the rules about locks are off'])
})
