import { describe, expect, it } from 'vitest'
import { address, baseName, bytes, duration, irqlName, parseAddress } from './format'

describe('addresses', () => {
  it('are written with eight digits and read back in every customary form', () => {
    expect(address(0x80001a40)).toBe('0x80001A40')
    expect(parseAddress('0x80001A40')).toBe(0x80001a40)
    expect(parseAddress('80001a40h')).toBe(0x80001a40)
    expect(parseAddress('8000`1a40')).toBe(0x80001a40)
    expect(parseAddress('0n4096')).toBe(4096)
  })
  it('refuse what is no 32-bit address', () => {
    expect(parseAddress('Pool.value')).toBeUndefined()
    expect(parseAddress('0x123456789')).toBeUndefined()
    expect(parseAddress('0n4294967296')).toBeUndefined()
    expect(parseAddress('')).toBeUndefined()
  })
})

it('names levels as the documentation does', () => {
  expect([0, 1, 2, 5, 31].map(irqlName)).toEqual([
    'PASSIVE_LEVEL',
    'APC_LEVEL',
    'DISPATCH_LEVEL',
    'DIRQL 5',
    'HIGH_LEVEL',
  ])
})

it('keeps the 100 ns tick visible in times', () => {
  expect([0, 100, 12_300, 1_234_500, 2_000_000_100].map(duration)).toEqual([
    '0 ns',
    '100 ns',
    '12.3 µs',
    '1.2345 ms',
    '2.000000 s',
  ])
})

it('shortens names and sizes', () => {
  expect(baseName('example:01-packet-pool.ts')).toBe('01-packet-pool.ts')
  expect(baseName('untitled:2')).toBe('Untitled-2.ts')
  expect(baseName('C:\\drivers\\echo.ts')).toBe('echo.ts')
  expect([12, 2048, 3 * 1048576].map(bytes)).toEqual(['12 B', '2.0 KiB', '3.0 MiB'])
})
