/** Every kind of object against every fault: caught, by which rule, with the bytes around it. */
import { describe, expect, test } from 'vitest'
import { loadDriver } from '../../src/lib'
import { excerptLines, excerptRows } from '../../src/shared/memory-excerpt'
import { shortDriver } from '../conformance/short-driver'

const memoryBytes = 4 * 1024 * 1024
const run = (body: string) => loadDriver(shortDriver(body), { memoryBytes, entry: 'driver.ts' }).run()

const OBJECTS = {
  'pool memory': {
    make: `const at = NdisAllocateMemoryWithTagPriority(0, 24, 0x41424344, 0), size = 24
NdisZeroMemory(at, size)`,
    free: 'NdisFreeMemory(at, 0, 0)',
  },
  NDIS_PACKET: {
    make: `const Status = out(0), Pool = out(0), Packet = out(0)
NdisAllocatePacketPool(Status, Pool, 2, 16)
NdisAllocatePacket(Status, Packet, Pool.value)
const at = Packet.value, size = NDIS_PACKET.size`,
    free: 'NdisFreePacket(at)',
  },
  NDIS_BUFFER: {
    make: `const Status = out(0), Pool = out(0), Buffer = out(0), Data = storage(NDIS_PACKET)
NdisAllocateBufferPool(Status, Pool, 2)
NdisAllocateBuffer(Status, Buffer, Pool.value, Data, 16)
const at = Buffer.value, size = MDL.size`,
    free: 'NdisFreeBuffer(at)',
  },
} as const

type Kind = keyof typeof OBJECTS
const KINDS = Object.keys(OBJECTS) as Kind[]
const found = (body: string, rule: string) => run(body).violations.find((violation) => violation.rule === rule)

describe.each(KINDS)('%s', (kind) => {
  const { make, free } = OBJECTS[kind]
  test('an underrun is caught at the access', () => {
    const violation = found(`${make}\nbytes(at - 1, 1)[0] = 1`, 'DV:SpecialPoolOverrun')
    expect(violation?.message).toMatch(/1 byte before the start of /)
    expect(violation?.memory?.touched).toMatchObject({ size: 1, how: 'write' })
  })
  test.each(['NdisZeroMemory(at, size)', 'bytes(at, size)[3] = 1', 'DbgPrint("%d", bytes(at, size)[3])'])(
    'a use after free is caught: %s',
    (use) => {
      const violation = found(`${make}\n${free}\n${use}`, 'DV:SpecialPoolUseAfterFree')
      expect(violation).toMatchObject({ freedAt: { file: 'driver.ts' }, allocatedAt: { file: 'driver.ts' } })
      expect(violation?.message).toContain('which was freed')
      expect(violation?.memory?.kinds).toContain('x')
    },
  )
})

describe('pool memory', () => {
  const { make } = OBJECTS['pool memory']
  test('an overrun says how far it is past the end, and shows the guard', () => {
    const violation = found(`${make}\nbytes(at, 40)[28] = 1`, 'DV:SpecialPoolOverrun')
    expect(violation?.message).toMatch(/4 bytes past the end of the 24-byte block tagged 'DCBA'\.$/)
    const touched = excerptRows(violation!.memory!).flatMap((row) => row.kinds.filter((_kind, i) => row.touched[i]))
    expect(touched).toEqual(['g'])
    expect(excerptLines(violation!.memory!).at(-1)).toContain('g guard')
  })
  test('a range that runs out of it is caught where it leaves', () => {
    const violation = found(`${make}\nNdisZeroMemory(at, 30)`, 'DV:SpecialPoolOverrun')
    expect(violation?.message).toMatch(/A write of 30 bytes .* which reaches right behind the end of /)
  })
  test('one allocating line through two callers is two leaks', () => {
    const { leaks } = run(`function make() { return NdisAllocateMemoryWithTagPriority(0, 8, 0x41424344, 0) }
function one() { make() }
function other() { make(); }
one(); one()
other()`)
    expect(leaks.map(({ count, stack }) => [count, stack[1]?.function])).toEqual([
      [1, 'one'],
      [1, 'one'],
      [1, 'other'],
    ])
    expect(new Set(leaks.map(({ line }) => line)).size).toBe(1)
  })
})

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
