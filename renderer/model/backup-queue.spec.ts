import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createBackupQueue } from './backup-queue'

let sent: string[]
beforeEach(() => {
  sent = []
  vi.useFakeTimers()
})
afterEach(() => vi.useRealTimers())
const keep = async (uri: string, text: string) => void sent.push(`${uri}=${text}`)

it('sends the newest text once, and at the latest after the delay however long one types', async () => {
  const queue = createBackupQueue(400, keep)
  for (let key = 1; key <= 10; key += 1) {
    queue.edited('a', () => `text ${key}`)
    await vi.advanceTimersByTimeAsync(60)
  }
  expect(sent).toEqual(['a=text 7'])
  await vi.advanceTimersByTimeAsync(400)
  expect(sent).toEqual(['a=text 7', 'a=text 10'])
})

it('flushes at once when the page goes', async () => {
  const queue = createBackupQueue(400, keep)
  queue.edited('a', () => 'x')
  queue.edited('b', () => 'y')
  await queue.flush()
  expect(sent).toEqual(['a=x', 'b=y'])
})

it('keeps what could not be sent and tries again', async () => {
  let fail = true
  const queue = createBackupQueue(400, async (uri, text) => {
    if (fail) throw new Error('lost')
    await keep(uri, text)
  })
  queue.edited('a', () => 'x')
  await vi.advanceTimersByTimeAsync(400)
  expect(queue.unsent).toBe(1)
  fail = false
  await vi.advanceTimersByTimeAsync(400)
  expect([sent, queue.unsent]).toEqual([['a=x'], 0])
})

it('does not send a document that was saved meanwhile', async () => {
  const queue = createBackupQueue(400, keep)
  queue.edited('a', () => 'x')
  queue.forget('a')
  await vi.advanceTimersByTimeAsync(500)
  expect(sent).toEqual([])
})
