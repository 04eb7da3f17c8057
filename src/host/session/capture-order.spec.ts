import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCapture } from '../../core/wire/formats/capture-read'
import { joined, patterned, pcapngBlocks } from '../../core/wire/formats/test-captures'
import { CaptureOrder } from './capture-order'

const make = pcapngBlocks(true)
const HEAD = joined(make.section(), make.interface({ tsresol: 9 }), make.interface({ tsresol: 9 }))
const frame = (ns: number, on = 0): Uint8Array =>
  make.enhanced({ interface: on, ticks: BigInt(ns), bytes: patterned(60) })
const STATISTICS = make.block(5, patterned(12))
const timesOf = (...blocks: Uint8Array[]): number[] => {
  const { frames, problem } = readCapture(joined(...blocks))
  expect(problem).toBeUndefined()
  return frames.map(({ timeNs }) => Number(timeNs))
}

test('a frame whose time has not come waits for those that come before', () => {
  const order = new CaptureOrder()
  const first = order.add(joined(HEAD, frame(100), frame(700)), 100)
  expect(timesOf(first)).toEqual([100])
  expect(order.empty).toBe(false)
  const second = order.add(joined(frame(300, 1), frame(1400)), 300)
  expect(timesOf(HEAD, second)).toEqual([300])
  expect(timesOf(HEAD, order.add(new Uint8Array(), 1400))).toEqual([700, 1400])
  expect(order.empty).toBe(true)
})
test('statistics come after every frame', () => {
  const order = new CaptureOrder()
  expect(timesOf(order.add(joined(HEAD, frame(500), STATISTICS), 100))).toEqual([])
  const rest = order.add(new Uint8Array(), Infinity)
  expect(timesOf(HEAD, rest)).toEqual([500])
  expect(rest.subarray(-STATISTICS.length)).toEqual(STATISTICS)
})
test('whatever is heard when: the file is in order, and has every frame once', () => {
  // At each moment a frame is heard that leaves then or later; in batches of any size.
  const heard = fc.array(fc.record({ pause: fc.nat(50), ahead: fc.nat(300), batch: fc.boolean() }), { maxLength: 60 })
  fc.assert(
    fc.property(heard, (moments) => {
      const order = new CaptureOrder()
      const file = [HEAD]
      let now = 0
      let batch: Uint8Array[] = []
      const all = moments.map(({ pause, ahead, batch: ends }) => {
        now += pause
        batch.push(frame(now + ahead))
        if (ends) file.push(order.add(joined(...batch), now))
        if (ends) batch = []
        return now + ahead
      })
      file.push(order.add(joined(...batch), Infinity))
      expect(timesOf(...file)).toEqual(all.sort((left, right) => left - right))
    }),
  )
})
