import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAbsorb, FACTORS } from './hash'
import { createEventLog, createRing, PHASE, RING_HEADER_WORDS } from './log'

const RECORDS = 2048
/** Where, Context, Slice, low word of SliceEnd. */
const source = (...i32: number[]) => ({ i32, where: 0, context: 1, slice: 2, sliceEnd: 3, site: { s: 77 } })

function logOf(values: readonly number[], machine = source(0, 0, 0, 0)) {
  const ring = createRing(RECORDS)
  const log = createEventLog(ring)
  const record = log.recorder(machine)
  for (const value of values) record(5 | (PHASE.CALL << 26), value, 0, 0, 0)
  return { ring, log }
}

test('a record says what, where, when and with what', () => {
  const { ring, log } = logOf([], source((3 << 16) | (2 << 20), 1 | (4 << 8), 10, 1000))
  log.recorder(source((3 << 16) | (2 << 20), 1 | (4 << 8), 10, 1000))(9 | (PHASE.RETURN << 26), 1, -2, 3, 4)
  const words = [...new Int32Array(ring.buffer, RING_HEADER_WORDS * 4, 8)]
  expect(words).toEqual([9 | (2 << 26) | (3 << 16) | (2 << 20), 77, 990, 1 | (4 << 8), 1, -2, 3, 4])
  expect([log.count(), log.index()]).toEqual([1, 1])
})

test('the hash is that of all events, in their order, wherever a chunk ends', () => {
  for (const length of [0, 1, 2, 1023, 1024, 1025, 2049, 5000]) {
    const values = Array.from({ length }, (_unused, i) => i * 7)
    const { log } = logOf(values)
    expect(log.hash()).toMatch(/^[0-9a-f]{16}$/)
    expect(log.hash(), 'asking changes nothing').toBe(log.hash())
    expect(logOf(values).log.hash()).toBe(log.hash())
    if (length === 0) continue
    expect(logOf(values.with(length >> 1, -1)).log.hash(), `one of ${length} differs`).not.toBe(log.hash())
    expect(logOf(values.slice(1)).log.hash(), `one of ${length} is missing`).not.toBe(log.hash())
    if (length > 1) expect(logOf([...values].reverse()).log.hash(), 'another order').not.toBe(log.hash())
  }
})

test('asking for the hash in between does not change what comes', () => {
  const values = Array.from({ length: 3001 }, (_unused, i) => i)
  const { log } = logOf([])
  const record = log.recorder(source(0, 0, 0, 0))
  for (const value of values) {
    record(5, value, 0, 0, 0)
    if (value % 97 === 0) log.hash()
  }
  expect(log.hash()).toBe(logOf(values).log.hash())
})

test('the assembled hash does what its page says', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(...Array<fc.Arbitrary<number>>(16).fill(fc.integer())), { minLength: 1, maxLength: 9 }),
      (pairs) => {
        const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
        const words = new Int32Array(memory.buffer)
        const at = 64
        pairs.flat().forEach((word, i) => (words[at / 4 + i] = word))
        const lanes = Array<number>(8).fill(0)
        pairs.forEach((pair) =>
          lanes.forEach((lane, i) => {
            const [first, second] = [pair[(i >> 2) * 8 + (i & 3)]!, pair[(i >> 2) * 8 + 4 + (i & 3)]!]
            lanes[i] = (Math.imul(lane ^ first, FACTORS[i & 3]!) + second) | 0
          }),
        )
        createAbsorb(memory)(at, at + pairs.length * 64, 16)
        expect([...words.subarray(4, 12)]).toEqual(lanes)
      },
    ),
  )
})

test('a ring of a size that is no power of two is refused', () => {
  expect(() => createEventLog(createRing(3000))).toThrow(/power of two/)
  expect(() => createEventLog(createRing(1024))).toThrow(/at least 2048/)
})
