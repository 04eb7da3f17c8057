import { expect, it } from 'vitest'
import type { DecisionReport } from './report'
import { decisionStory } from './schedule-story'

const at = { function: 'MiniportSend', file: 'driver.ts', line: 40, column: 3, api: 'NdisAcquireSpinLock' }
const decision: DecisionReport = {
  ...{ text: '340@1', kind: 'preemption', timeNs: 34_000, cpu: 1, on: 0, irql: 0, interrupted: 'MiniportSend', at },
  ran: [
    { cpu: 1, name: 'MiniportInterrupt' },
    { cpu: 1, name: 'MiniportHandleInterrupt' },
  ],
}
const story = (more: Partial<DecisionReport>): string => decisionStory({ ...decision, ...more })

it('tells where a CPU was and what ran instead', () => {
  expect(story({})).toBe(
    'CPU 0 in MiniportSend at driver.ts:40, before NdisAcquireSpinLock, is held up; CPU 1 runs MiniportInterrupt, then MiniportHandleInterrupt',
  )
})
it('names the callback besides the function, and files as a person sees them', () => {
  const text = decisionStory({ ...decision, at: { ...at, function: 'take' } }, (file) => `drv/${file}`)
  expect(text).toContain('CPU 0 in take (MiniportSend) at drv/driver.ts:40, before')
})
it('tells of interrupts of the same CPU, and of those that came besides', () => {
  expect(story({ cpu: 0, ran: [{ cpu: 0, name: 'MiniportTimer' }] })).toMatch(
    /, is interrupted; CPU 0 runs MiniportTimer$/,
  )
  const both = [...decision.ran, { cpu: 0, name: 'MiniportTimer' }]
  expect(story({ ran: both })).toMatch(/MiniportHandleInterrupt, then CPU 0 runs MiniportTimer$/)
})
it('tells of a choice, of nothing, and of a place outside of the driver', () => {
  expect(story({ kind: 'choice' })).toMatch(
    /^Nothing runs; CPU 1 goes on first, not CPU 0: CPU 1 runs MiniportInterrupt/,
  )
  const { at: _at, ...nowhere } = decision
  expect(decisionStory({ ...nowhere, interrupted: '', ran: [] })).toBe(
    'CPU 0 outside of the driver, is held up for a while; nothing else runs',
  )
})
