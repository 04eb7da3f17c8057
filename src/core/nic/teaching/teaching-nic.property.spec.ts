import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IMAGE_START } from '../../memory/map'
import { FLAG, REGISTER } from './registers'
import { createTestNic, physical, type TestNic } from './test-nic'

const RUNS = 30
const BLOCK_BYTES = 0x2000
/** In each ring; one lies at the start of the block, one in its middle. */
const DESCRIPTORS = 4
const RING_AT = { SEND: 0x10, RECEIVE: 0x1000 } as const
const SEED = 1
const MOST_STEPS = 40
const REGISTERS = Object.values(REGISTER)
const width = fc.constantFrom(1 as const, 2 as const, 4 as const)
const frame = fc.uint8Array({ minLength: 1, maxLength: 1600 })
const offset = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...REGISTERS) }, fc.nat(0xffc))

/** A value for a register: a number, or a place in the driver's block, at its end, or just outside of memory. */
const value = fc.oneof(
  fc.nat(0xffff_ffff),
  fc.nat(300),
  fc.nat(0x1fff).map((at) => ({ at })),
  fc.constantFrom({ at: -0x20_0000 }, { at: 0x1000_0000 }),
)
/** What a driver without sense does, and what happens to it: writes, reads, descriptors of garbage, frames, cables, time. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), offset, width, value }) },
  fc.record({ kind: fc.constant('read' as const), offset, width }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('descriptor' as const),
      ring: fc.constantFrom('SEND' as const, 'RECEIVE' as const),
      /** From the one that the device looks at next. */
      ahead: fc.constantFrom(0, 0, 0, 1, 3),
      address: fc.oneof({ weight: 3, arbitrary: fc.nat(BLOCK_BYTES - 1).map((at) => ({ at })) }, value),
      size: fc.oneof(fc.integer({ min: 14, max: 1514 }), fc.nat(0xffff_ffff)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('start' as const) }) },
  fc.record({ kind: fc.constant('arrive' as const), frame, intact: fc.boolean() }),
  fc.record({ kind: fc.constant('link' as const), speed: fc.constantFrom(0 as const, 10 as const, 1000 as const) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ticks: fc.nat(500) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function carryOut(nic: TestNic, block: number, action: Step): void {
  const number = (of: number | { readonly at: number }): number =>
    typeof of === 'number' ? of : physical(block) + of.at
  if (action.kind === 'write')
    nic.store(action.offset, action.offset + action.width > 0x1000 ? 1 : action.width, number(action.value))
  else if (action.kind === 'read') {
    const read = nic.load(action.offset, action.offset + action.width > 0x1000 ? 1 : action.width)!
    expect(read).toBeGreaterThanOrEqual(0)
    expect(read).toBeLessThan(2 ** (8 * action.width))
  } else if (action.kind === 'descriptor') {
    const { space } = nic.kernel
    const index = (nic.read(`${action.ring}_NEXT`) + action.ahead) % DESCRIPTORS
    const at = ringAt(block, action.ring) + index * 16
    space.w32(at, number(action.address))
    space.w32(at + 4, action.size)
    space.w32(at + 12, FLAG.OWN)
    if (action.ring === 'SEND') nic.write('SEND_DOORBELL', 1)
  } else if (action.kind === 'arrive') nic.arrive(Array.from(action.frame), action.intact)
  else if (action.kind === 'link') nic.link(action.speed)
  else if (action.kind === 'start') start(nic, block)
  else nic.pass(action.ticks)
}
const ringAt = (block: number, ring: keyof typeof RING_AT): number => Math.ceil(block / 16) * 16 + RING_AT[ring]
function start(nic: TestNic, block: number): void {
  nic.write('CONTROL', 0)
  for (const ring of ['SEND', 'RECEIVE'] as const) {
    nic.write(`${ring}_RING`, physical(ringAt(block, ring)))
    nic.write(`${ring}_COUNT`, DESCRIPTORS)
  }
  nic.write('FILTER', 0xf)
  nic.write('CONTROL', 1)
}

/** Ranges that changed between two images of memory, as addresses of words. */
function* changedWords(before: Int32Array, after: Int32Array): Generator<number> {
  for (let index = 0; index < before.length; index++) if (before[index] !== after[index]) yield index * 4
}

test('whatever a driver writes, the device throws nothing, comes to rest, and writes no memory that it did not reach', () => {
  let moved = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: MOST_STEPS, size: 'max' }), (steps) => {
      const nic = createTestNic()
      const block = nic.buffer(Array<number>(BLOCK_BYTES).fill(0))
      const { space, clock, shadow } = nic.kernel
      start(nic, block)
      for (const action of steps) {
        // Descriptors are the driver's own writes: only what the device does is compared.
        const own = action.kind === 'descriptor'
        const counts = (): number => nic.read('SENT_FRAMES') + nic.read('RECEIVED_FRAMES')
        const had = counts()
        const before = own ? undefined : new Int32Array(space.u8.slice(0, shadow.base).buffer)
        nic.transfers.length = 0
        carryOut(nic, block, action)
        const after = new Int32Array(space.u8.slice(0, shadow.base).buffer)
        if (counts() > had) moved++
        const written = nic.transfers.filter(({ access }) => access === 'write')
        for (const { from, to } of nic.transfers) {
          expect(from).toBeGreaterThanOrEqual(IMAGE_START)
          expect(to).toBeLessThanOrEqual(shadow.base)
        }
        if (before)
          for (const at of changedWords(before, after)) {
            const known = [...written, nic.state].some(({ from, to }) => at + 4 > from && at < to)
            if (!known && !isClock(nic, at)) expect.fail(`the device changed memory at 0x${at.toString(16)}`)
          }
      }
      nic.write('CONTROL', 0)
      expect(nic.read('CONTROL')).toBe(0)
      expect(clock.nextDue()).toBe(Infinity)
    }),
    { numRuns: RUNS, seed: SEED },
  )
  // Frames really went out and came in.
  expect(moved).toBeGreaterThan(RUNS / 4)
})

/** The machine's own record has the time, which passes. */
const isClock = ({ kernel }: TestNic, at: number): boolean => at >= kernel.machine && at < kernel.machine + 0x100
