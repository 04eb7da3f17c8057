/** What a bugcheck tells of how it came about. */
import { describe, expect, test } from 'vitest'
import { loadDriver } from '../../src/lib'
import { shortDriver } from '../conformance/short-driver'

const run = (body: string) => loadDriver(shortDriver(body), { memoryBytes: 4 * 1024 * 1024, entry: 'driver.ts' }).run()

describe('a bugcheck', () => {
  const { bugcheck } = run(`const Lock = storage(NDIS_SPIN_LOCK); NdisAllocateSpinLock(Lock)
NdisAcquireSpinLock(Lock)
NdisAcquireSpinLock(Lock)`)
  const section = (id: string) => bugcheck?.analysis.sections.find((one) => one.id === id)?.lines ?? []
  test('has a meaning for each parameter', () => {
    expect(bugcheck?.analysis.parameters.map(({ meaning }) => meaning)).toEqual([
      'the lock',
      'CPU that holds it',
      'CPU that waits',
      'not used',
    ])
  })
  test('tells how it came about', () => {
    expect(section('locks')).toMatchObject([{ place: { file: 'driver.ts' } }])
    expect(section('object')[0]?.text).toMatch(/is a lock: acquisitions 1, releases 0/)
    expect(section('events').at(-1)?.text).toMatch(/^NdisAcquireSpinLock/)
    expect(section('violations')[0]?.text).toMatch(/^SpinLock/)
    expect(section('irql')).toHaveLength(1)
    expect(section('next').length).toBeGreaterThan(0)
  })
})
