import { describe, expect, test } from 'vitest'
import { DIFFERENCES } from '../core/kernel/platform.table'
import { createGuest } from '../core/test-guest'
import { platformsMarkdown } from './derive'
import { driverOf, runScript } from './test-driver'

const BODY = `const Status = out(), Pool = out(), Packet = out()
NdisAllocatePacketPool(Status, Pool, 2, 16)
NdisDprAllocatePacket(Status, Packet, Pool.value)
NdisDprFreePacket(Packet.value)
NdisFreePacketPool(Pool.value)`
const DRIVER = driverOf(
  'out, NdisAllocatePacketPool, NdisFreePacketPool, NdisDprAllocatePacket, NdisDprFreePacket',
  BODY,
)

describe('NdisDpr calls at PASSIVE_LEVEL (CE ms921048: each equals its plain form)', () => {
  test('break a rule on nt', () => {
    expect(runScript(DRIVER, { platform: 'nt' }).violations.map(({ function: fn }) => fn)).toEqual([
      'NdisDprAllocatePacket',
      'NdisDprFreePacket',
    ])
  })
  test('are right on ce', () => {
    expect(runScript(DRIVER, { platform: 'ce' })).toMatchObject({ outcome: 'clean', violations: [] })
  })
})

test('a pool call with a spin lock held breaks a rule on ce only ', () => {
  const body = `const Status = out(), Pool = out(), lock = storage(NDIS_SPIN_LOCK)
NdisAllocateSpinLock(lock)
NdisAcquireSpinLock(lock)
NdisAllocatePacketPool(Status, Pool, 2, 16)
NdisReleaseSpinLock(lock)
NdisFreePacketPool(Pool.value)`
  const names =
    'out, storage, NDIS_SPIN_LOCK, NdisAllocateSpinLock, NdisAcquireSpinLock, NdisReleaseSpinLock, NdisAllocatePacketPool, NdisFreePacketPool'
  const rules = (platform: 'nt' | 'ce') =>
    runScript(driverOf(names, body), { platform }).violations.map(({ rule }) => rule)
  expect([rules('nt'), rules('ce')]).toEqual([[], ['SpinLockHeldAtCall']])
})

test('NdisGetVersion tells the generation', () => {
  const version = (platform: 'nt' | 'ce'): number => createGuest({ platform }).call('NdisGetVersion')
  expect([version('nt'), version('ce')]).toEqual([0x6_001e, 0x5_0001])
})

test('every difference is on the page of docs, with its source', () => {
  const page = platformsMarkdown()
  for (const { about } of Object.values(DIFFERENCES)) expect(page).toContain(`${about} |`)
  for (const { source } of Object.values(DIFFERENCES)) expect(page).toContain(source)
  expect(page).toContain('`NdisAllocateBufferPool`')
})
