import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSharedMemory } from '../machine'
import { createNetBufferGuest } from '../test-net-buffer'

/** One call: how far, how much more when memory is needed, whether MDLs are freed, whose MDLs. */
const call = fc.record({
  advance: fc.boolean(),
  delta: fc.nat(30),
  backFill: fc.nat(10),
  freeMdl: fc.boolean(),
  own: fc.boolean(),
})
const layout = fc.record({
  sizes: fc.array(fc.nat(12), { minLength: 1, maxLength: 5 }),
  offset: fc.nat(20),
  length: fc.nat(40),
})

describe('retreats and advances in any order', () => {
  test('keep the payload, agree with sums, and leave no MDL behind when all is taken back', () => {
    fc.assert(
      fc.property(layout, fc.array(call, { maxLength: 20 }), ({ sizes, offset, length }, calls) => {
        const guest = createNetBufferGuest({ memory: createSharedMemory(3 << 20) })
        const total = sizes.reduce((sum, size) => sum + size, 0)
        const start = Math.min(offset, total)
        const netBuffer = guest.netBuffer(guest.chain(...sizes), start, Math.min(length, total - start))
        const original = guest.state(netBuffer)
        const payload = guest.data(netBuffer)
        const free = (Mdl: number) => guest.call('NdisFreeMdl', Mdl)
        /** Bytes in front of the payload that are used now; below 0: bytes of the payload that were left out. */
        let ahead = 0
        for (const { advance, delta, backFill, freeMdl, own } of calls) {
          if (advance && delta <= payload.length + ahead) {
            guest.call('NdisAdvanceNetBufferDataStart', netBuffer, delta, freeMdl, free)
            ahead -= delta
          } else if (!advance) {
            guest.call(
              'NdisRetreatNetBufferDataStart',
              netBuffer,
              delta,
              backFill,
              own && (() => guest.chain(delta + backFill)),
            )
            ahead += delta
          }
          const data = guest.data(netBuffer)
          expect(data.length).toBe(payload.length + ahead)
          expect(data.slice(Math.max(0, ahead))).toEqual(payload.slice(Math.max(0, -ahead)))
        }
        if (ahead < 0) guest.call('NdisRetreatNetBufferDataStart', netBuffer, -ahead, 0, 0)
        // All that lies ahead becomes used, so that one advance can take all of it off.
        const { offset: unused, mdls } = guest.state(netBuffer)
        if (mdls.length > sizes.length) {
          guest.call('NdisRetreatNetBufferDataStart', netBuffer, unused, 0, 0)
          guest.call('NdisAdvanceNetBufferDataStart', netBuffer, unused + Math.max(0, ahead), 1, free)
        } else if (ahead > 0) guest.call('NdisAdvanceNetBufferDataStart', netBuffer, ahead, 1, free)
        if (payload.length > 0) expect(guest.state(netBuffer)).toEqual(original)
        expect(guest.data(netBuffer)).toEqual(payload)
        expect(guest.broken()).toEqual([])
      }),
      { numRuns: 300, seed: 6 },
    )
  })
})
