/** Locks in both orders are found on one CPU, in one run, without any deadlock. */
import { describe, expect, test } from 'vitest'
import { loadDriver } from '../../src/lib'
import { shortDriver } from '../conformance/short-driver'

const run = (script: string, options = {}) =>
  loadDriver(shortDriver(script), { entry: 'driver.ts', memoryBytes: 4 * 1024 * 1024, ...options }).run()
const messages = (script: string): string[] => {
  const { violations, error, bugcheck } = run(script)
  expect(error).toBeUndefined()
  expect(bugcheck).toBeNull()
  return violations.map(({ rule, message }) => `${rule}: ${message}`)
}
const LOCKS = (...names: string[]): string =>
  names.map((name) => `const ${name} = storage(NDIS_SPIN_LOCK); NdisAllocateSpinLock(${name})`).join('\n')
const nested = (...names: string[]): string =>
  [
    `NdisAcquireSpinLock(${names[0]})`,
    ...names.slice(1).map((name) => `NdisDprAcquireSpinLock(${name})`),
    ...names
      .slice(1)
      .reverse()
      .map((name) => `NdisDprReleaseSpinLock(${name})`),
    `NdisReleaseSpinLock(${names[0]})`,
  ].join('\n')

describe('DV:LockHierarchy', () => {
  test('tells the story of two CPUs, with both places of each', () => {
    const [violation, ...others] = run(`${LOCKS('A', 'B')}\n${nested('A', 'B')}\n${nested('B', 'A')}`).violations
    expect(others).toEqual([])
    expect(violation!.message).toBe(
      'Locks are taken in orders that close a circle: A is the spin lock initialized at driver.ts:4, B is the spin lock initialized at driver.ts:3. ' +
        'On two CPUs at once: CPU 0, in DriverEntry, holds A since driver.ts:9 and waits for B at driver.ts:10; ' +
        'CPU 1, in DriverEntry, holds B since driver.ts:5 and waits for A at driver.ts:6. None of them ever goes on. ' +
        'It did not happen in this run; nothing keeps it from happening.',
    )
    expect(violation!.related!.map(({ text, place }) => `${text} ${place.line}`)).toEqual([
      'CPU 0 takes A 9',
      'CPU 0 waits for B 10',
      'CPU 1 takes B 5',
      'CPU 1 waits for A 6',
    ])
    expect(violation!.related![3]!.stack![0]).toMatchObject({ function: 'DriverEntry', line: 6 })
  })

  test('is reported once for a circle', () => {
    const twice = `${nested('A', 'B')}\n${nested('B', 'A')}\n${nested('B', 'A')}`
    expect(messages(`${LOCKS('A', 'B')}\n${twice}`)).toHaveLength(1)
  })

  test('sees circles of three', () => {
    const found = messages(`${LOCKS('A', 'B', 'C')}\n${nested('A', 'B')}\n${nested('B', 'C')}\n${nested('C', 'A')}`)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain('On 3 CPUs at once')
  })

  test('is not broken where a third lock keeps the two apart', () => {
    const orders = [nested('G', 'A', 'B'), nested('G', 'B', 'A')]
    expect(messages(`${LOCKS('G', 'A', 'B')}\n${orders.join('\n')}`)).toEqual([])
    expect(messages(`${LOCKS('G', 'A', 'B')}\n${orders.join('\n')}\n${nested('A', 'B')}`)).toHaveLength(1)
  })

  test('takes two locks of one class for the two that they are', () => {
    const pair = `const Status = out(); const P = []
for (let i = 0; i < 2; i++) { const M = NdisAllocateMemoryWithTagPriority(0, 64, 0x31313131, 0); P.push(M); NdisAllocateSpinLock(M) }
const both = (first, second) => { NdisAcquireSpinLock(first); NdisDprAcquireSpinLock(second); NdisDprReleaseSpinLock(second); NdisReleaseSpinLock(first) }`
    const free = 'P.forEach((M) => NdisFreeMemory(M, 64, 0))'
    expect(messages(`${pair}\nboth(P[0], P[1]); both(P[0], P[1])\n${free}`)).toEqual([])
    expect(messages(`${pair}\nboth(P[0], P[1]); both(P[1], P[0])\n${free}`)[0]).toContain('the one at 0x')
  })

  test('takes the locks of two adapters for one class', () => {
    const blocks = `const P = [0, 1].map(() => { const M = NdisAllocateMemoryWithTagPriority(0, 64, 0x31313131, 0); NdisAllocateSpinLock(M); NdisAllocateSpinLock(M + 16); return M })
const both = (first, second) => { NdisAcquireSpinLock(first); NdisDprAcquireSpinLock(second); NdisDprReleaseSpinLock(second); NdisReleaseSpinLock(first) }`
    const free = 'P.forEach((M) => NdisFreeMemory(M, 64, 0))'
    expect(messages(`${blocks}\nboth(P[0], P[0] + 16); both(P[1] + 16, P[1])\n${free}`)).toHaveLength(1)
    expect(messages(`${blocks}\nboth(P[0], P[0] + 16); both(P[1], P[1] + 16)\n${free}`)).toEqual([])
  })

  test('knows that readers do not wait for readers', () => {
    const take = (lock: string, state: string, write: boolean): string =>
      `NdisAcquireRWLock${write ? 'Write' : 'Read'}(${lock}, ${state}, 0)`
    const both = (a: string, aWrite: boolean, b: string, bWrite: boolean): string =>
      `${take(a, 'S', aWrite)}\n${take(b, 'T', bWrite)}\nNdisReleaseRWLock(${b}, T)\nNdisReleaseRWLock(${a}, S)`
    const locks = `const A = NdisAllocateRWLock(0); const B = NdisAllocateRWLock(0); const S = storage(LOCK_STATE_EX); const T = storage(LOCK_STATE_EX)`
    const free = 'NdisFreeRWLock(A)\nNdisFreeRWLock(B)'
    const readers = `${both('A', false, 'B', false)}\n${both('B', false, 'A', false)}`
    expect(messages(`${locks}\n${readers}\n${free}`)).toEqual([])
    const writers = `${both('A', true, 'B', false)}\n${both('B', true, 'A', false)}`
    expect(messages(`${locks}\n${writers}\n${free}`)[0]).toContain('read/write lock initialized at driver.ts:3')
  })

  test('sees mutexes, kernel locks and queued locks', () => {
    const locks = `const M = storage(KMUTEX); const N = storage(KMUTEX); KeInitializeMutex(M, 0); KeInitializeMutex(N, 0)`
    const both = (a: string, b: string): string =>
      `KeWaitForMutexObject(${a}, 0, 0, 0)\nKeWaitForMutexObject(${b}, 0, 0, 0)\nKeReleaseMutex(${b}, 0)\nKeReleaseMutex(${a}, 0)`
    expect(messages(`${locks}\n${both('M', 'N')}\n${both('M', 'N')}`)).toEqual([])
    expect(messages(`${locks}\n${both('M', 'N')}\n${both('N', 'M')}`)[0]).toContain('is the mutex initialized at')
    const kernel = `const A = storage(KSPIN_LOCK); const B = storage(KSPIN_LOCK); const H = storage(KLOCK_QUEUE_HANDLE); const Old = out(); KeInitializeSpinLock(A); KeInitializeSpinLock(B)`
    const queued = (a: string, b: string): string =>
      `KeAcquireInStackQueuedSpinLock(${a}, H)\nKeAcquireSpinLockAtDpcLevel(${b})\nKeReleaseSpinLockFromDpcLevel(${b})\nKeReleaseInStackQueuedSpinLock(H)`
    expect(messages(`${kernel}\n${queued('A', 'B')}\n${queued('B', 'A')}`)).toHaveLength(1)
  })

  test('does not mind a lock that is only tried', () => {
    const kernel = `const A = storage(KSPIN_LOCK); const B = storage(KSPIN_LOCK); const Old = out(); KeInitializeSpinLock(A); KeInitializeSpinLock(B)`
    const both = (a: string, take: string, b: string): string =>
      `KeAcquireSpinLock(${a}, Old)\n${take}(${b})\nKeReleaseSpinLockFromDpcLevel(${b})\nKeReleaseSpinLock(${a}, Old.value)`
    const tried = both('B', 'KeTryToAcquireSpinLockAtDpcLevel', 'A')
    expect(messages(`${kernel}\n${both('A', 'KeAcquireSpinLockAtDpcLevel', 'B')}\n${tried}`)).toEqual([])
    const waited = both('B', 'KeAcquireSpinLockAtDpcLevel', 'A')
    expect(messages(`${kernel}\n${both('A', 'KeAcquireSpinLockAtDpcLevel', 'B')}\n${tried}\n${waited}`)).toHaveLength(1)
  })

  test('is the same with every seed and on every number of CPUs', () => {
    const script = `${LOCKS('A', 'B')}\n${nested('A', 'B')}\n${nested('B', 'A')}`
    const found = [1, 2, 4].flatMap((cpus) =>
      [1, 2, 3].map((seed) => run(script, { cpus, seed }).violations[0]!.message),
    )
    expect(new Set(found).size).toBe(1)
  })
})
