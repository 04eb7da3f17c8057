import { describe, expect, test } from 'vitest'
import { createEventLog } from '../../core/trace/log'
import type { EngineNotice } from '../../shared/engine'
import { EVENT_WORD, EVENT_WORDS } from '../../shared/rings'
import { createNoticeWriter } from '../../worker/notice-writer'
import { EventReader, newEventRing, newNoticeRing, NoticeReader } from './rings'

const line = (text: string): EngineNotice => ({ type: 'output', text, site: 1 })

describe('notices', () => {
  test('arrive once, in order, whatever their characters', () => {
    const ring = newNoticeRing(1024)
    const [write, reader] = [createNoticeWriter(ring), new NoticeReader(ring)]
    const texts = ['', 'a', 'ab', 'abc', 'grün 網路 🚀']
    texts.forEach((text) => write(line(text)))
    expect(reader.read()).toEqual(texts.map(line))
    expect(reader.read()).toEqual([])
  })
  test('survive the end of the ring, wherever it cuts them', () => {
    const ring = newNoticeRing(256)
    const [write, reader] = [createNoticeWriter(ring), new NoticeReader(ring)]
    for (let i = 0; i < 500; i++) {
      const text = 'x'.repeat(i % 61)
      write(line(text))
      expect(reader.read()).toEqual([line(text)])
    }
  })
  test('longer than the ring are cut and say so', () => {
    const ring = newNoticeRing(16_384)
    createNoticeWriter(ring)(line('y'.repeat(50_000)))
    const [notice] = new NoticeReader(ring).read()
    expect(notice).toMatchObject({ type: 'output', text: expect.stringMatching(/^y{4096} \.\.\. \(cut\)$/) })
  })
})

describe('events', () => {
  const RECORDS = 2048
  const source = () => ({ i32: [0, 0, 0, 0], where: 0, context: 1, slice: 2, sliceEnd: 3, site: { s: 1 } })

  test('arrive once, in order, over many turns of the ring', () => {
    const ring = newEventRing(RECORDS, true)
    const log = createEventLog(ring)
    const [record, reader] = [log.recorder(source()), new EventReader(ring)]
    const seen: number[] = []
    const drain = (): void =>
      reader.drain((words) => {
        for (let at = 0; at < words.length; at += EVENT_WORDS) seen.push(words[at + EVENT_WORD.ARGUMENTS]!)
      })
    const all = Array.from({ length: RECORDS * 5 + 17 }, (_unused, i) => i)
    for (const i of all) {
      record(1, i, 0, 0, 0)
      if (i % 700 === 0) drain()
    }
    drain()
    expect(seen).toEqual(all)
    expect(log.count()).toBe(all.length)
  })
  test('the newest one is there whether it was read or not', () => {
    const ring = newEventRing(RECORDS, false)
    const [record, reader] = [createEventLog(ring).recorder(source()), new EventReader(ring)]
    expect([reader.newest(), reader.written]).toEqual([undefined, 0])
    for (let i = 0; i <= RECORDS; i++) record(1, i, 0, 0, 0)
    expect(reader.newest()?.[EVENT_WORD.ARGUMENTS]).toBe(RECORDS)
    expect(reader.written).toBe(RECORDS + 1)
  })
  test('that nobody reads do not hold the writer up', () => {
    const log = createEventLog(newEventRing(RECORDS, false))
    const record = log.recorder(source())
    for (let i = 0; i < RECORDS * 4; i++) record(1, i, 0, 0, 0)
    expect(log.count()).toBe(RECORDS * 4)
  })
})
