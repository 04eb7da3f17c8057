import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDeviceWindows, WINDOWS_END, WINDOWS_START } from './device-windows'

const PAGE = 0x1000
const RUNS = 300

/** What a driver may do: map a range, unmap the n-th mapping, read somewhere in or around the n-th one. */
const step = fc.oneof(
  fc.record({
    kind: fc.constant('map' as const),
    physical: fc.nat(0xffff_0000),
    length: fc.integer({ min: 1, max: 3 * PAGE }),
  }),
  fc.record({ kind: fc.constant('unmap' as const), which: fc.nat(9) }),
  fc.record({
    kind: fc.constant('read' as const),
    which: fc.nat(9),
    offset: fc.integer({ min: -PAGE, max: 4 * PAGE }),
  }),
)

test('windows never overlap, keep their place in the page, and lead to their own registers', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const windows = createDeviceWindows(() => false)
      const reads: number[] = []
      const registers = { read: (address: number) => reads.push(address), write: () => undefined }
      const model: { address: number; physical: number; length: number }[] = []
      for (const action of steps) {
        if (action.kind === 'map') {
          const { physical, length } = action
          const address = windows.map(physical, length, registers, 1)
          expect(address % PAGE).toBe(physical % PAGE)
          expect(address).toBeGreaterThanOrEqual(WINDOWS_START)
          expect(address + length).toBeLessThanOrEqual(WINDOWS_END)
          // A page lies between any two: running off one window never ends in another.
          for (const other of model) {
            const [low, high] = other.address < address ? [other, { address }] : [{ address, length }, other]
            expect(low.address + low.length + PAGE).toBeLessThanOrEqual(high.address - (high.address % PAGE))
          }
          model.push({ address, physical, length })
        } else if (action.kind === 'unmap') {
          const [gone] = model.splice(action.which, 1)
          if (!gone) continue
          expect(windows.unmap(gone.address, 2)).toBe(true)
          expect([windows.unmap(gone.address, 2), windows.at(gone.address)]).toEqual([false, undefined])
          expect(windows.former(gone.address)?.window.physical).toBe(gone.physical)
        } else {
          const near = model[action.which]
          if (!near) continue
          const address = near.address + action.offset
          const inside = action.offset >= 0 && action.offset < near.length
          if (!inside) continue
          windows.read(address, 1)
          expect(reads.at(-1)).toBe(near.physical + action.offset)
          expect(windows.at(address)?.address).toBe(near.address)
        }
      }
    }),
    { numRuns: RUNS, seed: 1 },
  )
})
test('a debugger that looks reads and writes nothing', () => {
  let muted = false
  const touched: string[] = []
  const windows = createDeviceWindows(() => muted)
  const registers = {
    read: () => {
      touched.push('read')
      return 7
    },
    write: () => void touched.push('write'),
  }
  const address = windows.map(0x7800_0000, 16, registers, 1)
  expect(windows.read(address, 4)).toBe(7)
  windows.write(address, 4, 1)
  muted = true
  expect(windows.read(address, 4)).toBe(0)
  windows.write(address, 4, 1)
  expect(touched).toEqual(['read', 'write'])
})
