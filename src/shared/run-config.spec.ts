import { expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG } from './engine'
import { DEFAULT_CHOICE, runConfig } from './run-config'

const ofFile = {
  keywords: { Rings: 4 },
  hardware: { scenario: 'receive', frames: 1500, nics: ['teaching'] },
  levels: { IrqlReturn: 'off' },
} as const
const nothing = { keywords: {}, hardware: {}, levels: {} }

test('what nobody says is as by default', () => {
  expect(runConfig(nothing, {})).toEqual({ ...DEFAULT_RUN_CONFIG, levels: {}, nics: [] })
})
test('the configuration file wins over the defaults, also where the other defaults are sent along', () => {
  expect(runConfig(ofFile, DEFAULT_CHOICE)).toMatchObject({
    scenario: 'receive',
    frames: 1500,
    nics: ['teaching'],
    keywords: { Rings: 4 },
    levels: { IrqlReturn: 'off' },
  })
})
test('what is given wins over the file, also when it is the default', () => {
  expect(runConfig(ofFile, { scenario: 'default', frames: 0, nics: [] })).toMatchObject({
    scenario: 'default',
    frames: 0,
    nics: [],
  })
})
