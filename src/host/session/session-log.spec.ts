import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EVENT_WORDS } from '../../shared/rings'
import { SessionLog } from './session-log'

const log = new SessionLog()
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'session-log-'))
  vi.stubEnv('TMPDIR', folder)
  vi.stubEnv('TEMP', folder)
})
afterEach(() => {
  log.dispose()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test('keeps every event, also past 64 MiB, and takes its file away', () => {
  const batch = 65_000
  const batches = 36
  const words = new Int32Array(batch * EVENT_WORDS)
  for (let b = 0; b < batches; b++) {
    for (let i = 0; i < batch; i++) words[i * EVENT_WORDS + 7] = b * batch + i
    log.append(words)
  }
  const count = batch * batches
  expect(log.count).toBe(count)
  expect(log.lost).toBe(0)
  expect(readdirSync(folder)).toHaveLength(1)
  for (const index of [0, 1, 32_767, 32_768, 100_000, 1_000_000, count - 1]) expect(log.at(index)?.[7]).toBe(index)
  expect(log.at(count)).toBeUndefined()
  expect(log.at(-1)).toBeUndefined()
  log.dispose()
  expect(readdirSync(folder)).toEqual([])
})
