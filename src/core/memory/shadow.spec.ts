import { expect, test } from 'vitest'
import { createMachine, createSharedMemory } from '../machine'
import { createAddressSpace } from './address-space'
import { SHADOW } from './map'
import { createShadow } from './shadow'

const MEGABYTE = 1024 * 1024

test('zeroed memory is mapped nowhere', () => {
  const shadow = createShadow(createAddressSpace(createSharedMemory(4 * MEGABYTE)), true)
  expect(shadow.at(0x20_0000)).toBe(SHADOW.UNMAPPED)
  expect(shadow.firstBad(0x20_0000, 1)).toBe(0x20_0000)
})

test('what was never written is known wherever it lies, and forgotten byte by byte', () => {
  const { kernel } = createMachine({ memory: createSharedMemory(16 * MEGABYTE) })
  for (const address of [0x20_0000, 5 * MEGABYTE, 13 * MEGABYTE]) {
    // The bytes hold the fill of the pool, as those that nobody wrote do.
    kernel.space.fill(address, 24, 0xcb)
    kernel.shadow.markFresh(address, 21)
    expect(kernel.shadow.firstUnwritten(address, 21)).toBe(address)
    kernel.shadow.written(address, 10)
    expect(kernel.shadow.firstUnwritten(address, 21)).toBe(address + 10)
    kernel.shadow.copied(address, address + 12, 4)
    expect(kernel.shadow.firstUnwritten(address, 8)).toBe(address)
    kernel.shadow.written(address, 21)
    expect(kernel.shadow.firstUnwritten(address, 21)).toBe(-1)
    expect(kernel.shadow.firstBad(address, 22)).toBe(address + 21)
  }
})
