import { defineStore } from 'pinia'
import { computed, readonly, ref } from 'vue'
import { DEFAULT_RUN_CONFIG, type Platform, type RunConfig } from '../../src/shared/engine'
import { checkHardware, type Hardware } from '../../src/shared/hardware'
import { checkLevels, type RuleLevels } from '../../src/shared/rule-levels'
import { isNumber, isRecord, listOf, isString, remembered } from './ui-state'

export type ThemeChoice = 'dark' | 'light' | 'system'
/** The part of the run configuration that a person chooses; the rest are the engine's defaults. */
export type RunChoices = Pick<RunConfig, 'platform' | 'seed' | 'cpus' | 'scenario' | 'frames' | 'log' | 'rules'> &
  Hardware & {
    /** Levels of rules by name, where they are not those of the rule or of the configuration file. */
    readonly levels?: RuleLevels
  }

const isTheme = (value: unknown): value is ThemeChoice => value === 'dark' || value === 'light' || value === 'system'
const isPlatform = (value: unknown): value is Platform => value === 'nt' || value === 'ce'
const passes = (check: () => unknown): boolean => {
  try {
    check()
    return true
  } catch {
    return false
  }
}
const isChoices = (value: unknown): value is RunChoices =>
  isRecord(value) &&
  isPlatform(value['platform']) &&
  [value['seed'], value['cpus'], value['frames']].every(isNumber) &&
  isString(value['scenario']) &&
  typeof value['log'] === 'boolean' &&
  typeof value['rules'] === 'boolean' &&
  passes(() => checkHardware(value)) &&
  passes(() => checkLevels(value['levels']))
const isKeys = (value: unknown): value is Record<string, string[]> =>
  isRecord(value) && Object.values(value).every(listOf(isString))

// Keywords and NICs belong to a driver: they stand in a file beside it. Others may be chosen for a run.
const { platform, seed, cpus, scenario, frames, log, rules } = DEFAULT_RUN_CONFIG
const SMALLEST = 0.7
const LARGEST = 2
const STEP = 0.1

export const useSettings = defineStore('settings', () => {
  const theme = remembered<ThemeChoice>('theme', 'dark', isTheme)
  const scale = remembered('scale', 1, isNumber)
  const run = remembered<RunChoices>('run', { platform, seed, cpus, scenario, frames, log, rules }, isChoices)
  /** Keys that a person chose, by command. */
  const keys = remembered<Record<string, string[]>>('keys', {}, isKeys)

  const system = window.matchMedia('(prefers-color-scheme: light)')
  const systemLight = ref(system.matches)
  system.addEventListener('change', (event) => (systemLight.value = event.matches))
  const shown = computed(() => (theme.value === 'system' ? (systemLight.value ? 'light' : 'dark') : theme.value))

  const zoom = (steps: number): void => {
    const next = steps === 0 ? 1 : scale.value + steps * STEP
    scale.value = Math.round(Math.min(LARGEST, Math.max(SMALLEST, next)) * 10) / 10
  }
  const toggleTheme = (): void => {
    theme.value = shown.value === 'dark' ? 'light' : 'dark'
  }
  return { theme, shownTheme: readonly(shown), scale, run, keys, zoom, toggleTheme }
})

/** Row height of lists and tables in pixels, at scale 1. */
export const ROW_PX = 22
