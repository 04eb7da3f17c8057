import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkSchedule, parseSchedule, scheduleText } from './schedule-text'

const decision = fc.record({ tick: fc.nat(2 ** 40), choice: fc.nat(9), cpu: fc.nat(7) })
const schedule = fc.uniqueArray(decision, { selector: ({ tick, choice }) => `${tick}+${choice}` })

describe('the text of a schedule', () => {
  it('is read back as it was', () => {
    fc.assert(fc.property(schedule, (all) => void expect(parseSchedule(scheduleText(all), 8)).toEqual(all)))
  })
  it('is short', () => {
    const decisions = [
      { tick: 340, choice: 0, cpu: 1 },
      { tick: 512, choice: 2, cpu: 0 },
    ]
    expect(scheduleText(decisions)).toBe('340@1,512+2@0')
    expect(scheduleText([])).toBe('none')
  })
  it('takes blanks, lines and remarks', () => {
    const text = '# found with seed 17\n340@1,  # before NdisFreeMemory\n\n 512+2@0\r\n'
    expect(scheduleText(parseSchedule(text, 2))).toBe('340@1,512+2@0')
  })
  it.each([
    ['340', "'340' is no decision; write TICK@CPU, such as 340@1, or TICK+CHOICE@CPU, such as 512+1@0"],
    ['340@1;341@0', "'340@1;341@0' is no decision; write TICK@CPU"],
    ['-4@1', "'-4@1' is no decision"],
    ['4@9', "'4@9' is no decision"],
    ['4+0@1', "'4+0@1' is no decision: choices are counted from 1"],
    ['4@2', "'4@2' is for CPU 2, and there are 2 CPUs"],
    ['4@1,4@0', "'4@0' is the second decision at one place; leave one of them"],
    ['none,4@1', "'none' is no decision"],
    [' # nothing', 'a schedule without any decision is written none'],
  ])('refuses %s', (text, message) => {
    expect(() => parseSchedule(text, 2)).toThrow(message)
  })
  it('is of the CPUs that there are', () => {
    expect(() => parseSchedule('4@1', 1)).toThrow("'4@1' is for CPU 1, and there is one CPU")
  })
  it('is checked when it comes from outside', () => {
    for (const schedule of [undefined, 'eager', 'none', '3@1']) expect(() => checkSchedule(schedule, 2)).not.toThrow()
    expect(() => checkSchedule(['3@1'], 2)).toThrow('`schedule` is a text, such as 340@1,512@0')
    expect(() => checkSchedule('3@1')).toThrow("'3@1' is for CPU 1, and there is one CPU")
  })
})
