import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { watchedBy } from './watched'

const family = (text: string) => watchedBy(new Map([['family.ts', text]]), [])

describe('what a rule watches is read', () => {
  it('from the API table', () => {
    const watched = watchedBy(new Map(), [])
    expect(watched.get('Irql_Timer_Function')).toContain('NdisSetTimerObject')
    expect(watched.get('SpinLockHeldAtCall')).toContain('NdisAllocatePacketPool')
    expect(watched.get('RwLockPromotion')).toEqual([])
  })

  it('from the handler that reports it, and from calls that give the name of the function', () => {
    const watched = family(`
      const freed = (fn: string) => violation('RwLockPromotion', fn, '')
      return { before: { NdisFreePacket: () => freed('NdisFreePacket'), NdisFreeMemory() { violation('PoolFlags') } } }`)
    expect(watched.get('RwLockPromotion')).toEqual(['NdisFreePacket'])
    expect(watched.get('PoolFlags')).toEqual(['NdisFreeMemory'])
  })

  it('from the list that handlers are made of', () => {
    const watched = family(`
      const NAMES = ['NdisSetEvent', 'NdisResetEvent']
      const known = (fn: string) => violation('EventUninitialized', fn, '')
      return Object.fromEntries(NAMES.map((fn) => [fn, known(fn)]))`)
    expect(watched.get('EventUninitialized')).toEqual(expect.arrayContaining(['NdisResetEvent', 'NdisSetEvent']))
  })

  it('not from another function of the same name', () => {
    const watched = family(`
      function one() { const check = () => violation('RwLockPromotion'); return { NdisAllocateSpinLock: () => check() } }
      function two() { const check = () => 0; return { NdisFreeSpinLock: () => check() } }`)
    expect(watched.get('RwLockPromotion')).toEqual(['NdisAllocateSpinLock'])
  })

  it('from the drivers that break it', () => {
    const fixtures = [
      `{ rule: 'IrqlReturn', breaks: 'x', fn: 'DriverEntry' }, { rule: 'NestedWait', fn: 'NdisWaitEvent' }`,
    ]
    const watched = watchedBy(new Map(), fixtures)
    expect(watched.get('IrqlReturn')).toEqual(['DriverEntry'])
    expect(watched.get('NestedWait')).toEqual(['NdisWaitEvent'])
  })
})

it('a family of the verifier watches what it has handlers for', () => {
  const folder = path.resolve(import.meta.dirname, '../core/verifier')
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
  const watched = watchedBy(new Map(names.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')])), [])
  expect(watched.get('DV:LowerIrqlBad')).toEqual(['KeLowerIrql', 'NDIS_LOWER_IRQL'])
  expect(watched.get('DpcTargetProcessor')).toEqual(['KeSetTargetProcessorDpc'])
  expect(watched.get('SpinLock')).toEqual(expect.arrayContaining(['KeAcquireSpinLock', 'NdisAcquireSpinLock']))
})
