import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CapturedFrame } from '../captured-frame'
import { compileFilter } from '../display-filter/compile'
import { summarize } from './dissect'
import type { FieldNode } from './field'
import { FRAMES } from './frames.fixture'
import { fieldTree } from './tree'

const RUNS = 3000
const KNOWN = Object.values(FRAMES)

/** A known frame with some bytes changed and its end cut off, or bytes of no meaning. */
const frames: fc.Arbitrary<CapturedFrame> = fc
  .record({
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc
        .tuple(
          fc.constantFrom(...KNOWN),
          fc.array(fc.tuple(fc.nat(119), fc.nat(255)), { maxLength: 6 }),
          fc.option(fc.nat(120)),
        )
        .map(([known, changes, cut]) => {
          const bytes = Uint8Array.from(known)
          for (const [at, value] of changes) bytes[at % bytes.length] = value
          return cut === null ? bytes : bytes.slice(0, cut)
        }),
    ),
    missing: fc.nat(2000),
  })
  .map(({ bytes, missing }) => ({
    number: 1,
    interface: 0,
    interfaceName: 'NIC 0',
    timeNs: 0,
    length: bytes.length + missing,
    bytes,
  }))

function checkPlaces(nodes: readonly FieldNode[], size: number): void {
  for (const { name, offset, length, children = [] } of nodes) {
    expect(offset, name).toBeGreaterThanOrEqual(0)
    expect(length, name).toBeGreaterThanOrEqual(0)
    expect(offset + length, name).toBeLessThanOrEqual(size)
    checkPlaces(children, size)
  }
}

describe('whatever the bytes are', () => {
  it('every field lies within the frame, and its text holds no nonsense', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const tree = fieldTree(frame)
        checkPlaces(tree, frame.bytes.length)
        expect(JSON.stringify(tree)).not.toMatch(/undefined|NaN/)
        expect(JSON.stringify(summarize(frame))).not.toMatch(/undefined|NaN/)
      }),
      { numRuns: RUNS },
    )
  })

  it('a frame passes the filter that each of its fields names', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const check = (nodes: readonly FieldNode[]): void => {
          for (const { filter, children = [] } of nodes) {
            if (filter !== undefined) {
              const compiled = compileFilter(filter)
              expect(compiled.problem, filter).toBeUndefined()
              expect(compiled.filter?.test(frame), filter).toBe(true)
            }
            check(children)
          }
        }
        check(fieldTree(frame))
      }),
      { numRuns: 300 },
    )
  })
})
