import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readSchedule } from './schedule-option'

const cwd = mkdtempSync(path.join(tmpdir(), 'schedule-'))
afterAll(() => rmSync(cwd, { recursive: true }))

it('takes a schedule as it stands, or from a file', () => {
  writeFileSync(path.join(cwd, 'race.txt'), '# seed 7\n340@1\n512+1@0\n')
  expect(readSchedule('340@1,512+1@0', 2, cwd)).toBe('340@1,512+1@0')
  expect(readSchedule('race.txt', 2, cwd)).toContain('512+1@0')
  expect(['none', 'eager'].map((word) => readSchedule(word, 2, cwd))).toEqual(['none', 'eager'])
})
it.each([
  ['340@3', "--schedule: '340@3' is for CPU 3, and there are 2 CPUs"],
  ['340', "--schedule: '340' is no decision; write TICK@CPU, such as 340@1"],
  ['', '--schedule: a schedule without any decision is written none'],
  ['nowhere.txt', 'or a file of them; nowhere.txt cannot be read: it is not there'],
  ['.', '. cannot be read: it is a folder'],
])('refuses %j', (value, message) => {
  expect(() => readSchedule(value, 2, cwd)).toThrow(message)
})
