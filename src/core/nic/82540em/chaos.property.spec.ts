import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PHYSICAL_OFFSET } from '../../memory/map'
import { eachRegister, MASK } from './registers'
import { REGISTER_WORDS } from './state'
import { createGuest, type Guest } from './test-82540em'

const offsets: number[] = []
eachRegister((index) => offsets.push(index * 4))
const { RCTL } = MASK
const STATION = [0x00, 0x1b, 0x21, 0, 0, 1]
const word = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.constantFrom(0, 1, 0xffff_ffff, 0x80, 2, 0x0300_8006),
)
const offset = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...offsets) }, fc.nat(0x1_fffc))
const width = fc.oneof({ weight: 9, arbitrary: fc.constant(4 as const) }, fc.constantFrom(1 as const, 2 as const))

type Action = (guest: Guest) => void
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(offset, word, width).map(
      ([at, value, bytes]): Action =>
        ({ writeAt }) =>
          writeAt(at, bytes === 4 ? value : value & 0xff, bytes),
    ),
  },
  fc.tuple(offset, width).map(
    ([at, bytes]): Action =>
      ({ readAt }) =>
        void readAt(at, bytes),
  ),
  fc.nat(300).map(
    (microseconds): Action =>
      ({ wait }) =>
        wait(microseconds),
  ),
  fc.tuple(fc.uint8Array({ minLength: 14, maxLength: 3000 }), fc.boolean()).map(
    ([bytes, intact]): Action =>
      ({ arrive }) =>
        arrive([...bytes], intact),
  ),
  fc.constantFrom(0 as const, 100 as const, 1000 as const).map(
    (speed): Action =>
      ({ plugIn }) =>
        plugIn(speed),
  ),
  fc.tuple(fc.nat(31), fc.nat(0xffff)).map(
    ([register, value]): Action =>
      ({ writePhy }) =>
        writePhy(register, value),
  ),
)

describe('whatever a driver does', () => {
  test('no access throws or hangs, registers keep to their bits, frames add up', () => {
    const memory = fc.array(word, { minLength: 256, maxLength: 256 })
    fc.assert(
      fc.property(memory, fc.array(action, { minLength: 1, maxLength: 60 }), (contents, actions) => {
        const guest = createGuest()
        guest.initialize()
        // Rings of garbage, some of which points into memory.
        const ring = guest.ring(64)
        contents.forEach((value, index) =>
          guest.space.w32(
            ring.virtual + 4 * index,
            index % 4 === 0 ? ring.physical + (value & 0xfff) : value & 0x3fff_3fff,
          ),
        )
        for (const [base, length, tail] of [
          ['TDBAL', 'TDLEN', 'TDT'],
          ['RDBAL', 'RDLEN', 'RDT'],
        ] as const) {
          guest.write(base, ring.physical)
          guest.write(length, 1024)
          guest.write(tail, 63)
        }
        guest.write('RCTL', RCTL.EN | RCTL.UPE | RCTL.MPE)
        guest.write('TCTL', MASK.TCTL.EN)
        for (const act of actions) act(guest)
        guest.wait(100_000)
        const { inside } = guest
        expect(inside('RX_FRAMES')).toBe(
          inside('RX_STORED') + inside('RX_FILTERED') + inside('RX_BAD') + inside('RX_MISSED') + inside('RX_OFF'),
        )
        expect(guest.line()).toBe((guest.peek('ICR') & guest.peek('IMS')) !== 0)
        expect(guest.state.at + REGISTER_WORDS).toBeLessThan(guest.space.size >> 2)
      }),
      { numRuns: 150 },
    )
  })

  test('the device writes descriptors of its rings and buffers they name, and nothing else', () => {
    const sizes = fc.record({
      groups: fc.integer({ min: 1, max: 4 }),
      bufferCode: fc.nat(3),
      steps: fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 60, max: 1514 })), { minLength: 1, maxLength: 40 }),
    })
    fc.assert(
      fc.property(sizes, ({ groups, bufferCode, steps }) => {
        const guest = createGuest()
        guest.initialize()
        const count = 8 * groups
        const bufferBytes = 2048 >> bufferCode
        const control = RCTL.SECRC | (bufferCode << 16)
        const ring = guest.receiveRing(count, bufferBytes, control)
        const guards = [ring.virtual - 16, ring.virtual + count * 16, ...ring.buffers.map((at) => at + bufferBytes)]
        const before = guards.map((at) => guest.bytes(at, 8))
        for (const [tail, length] of steps) {
          guest.write('RDT', tail % count)
          guest.arrive([...STATION, ...Array<number>(length - 6).fill(0xaa)])
          expect(guest.read('RDH')).toBeLessThan(count)
        }
        expect(guards.map((at) => guest.bytes(at, 8))).toEqual(before)
        ring.buffers.forEach((buffer, index) => expect(guest.space.r32(ring.at(index))).toBe(buffer + PHYSICAL_OFFSET))
        expect(guest.refused).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})
