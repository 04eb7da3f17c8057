/** What the workbench remembers between starts, as one object that the host keeps. Each concern owns one key. */
import { ref, watch, type Ref } from 'vue'
import type { UiState } from '../../src/shared/rpc'
import { host } from '../bridge/host'

const SAVE_DELAY_MS = 300

let state: Record<string, unknown> = {}
let timer: ReturnType<typeof setTimeout> | undefined

/** Must be awaited before the first `remembered`. */
export async function loadUiState(): Promise<void> {
  state = { ...(await host().request('state/load', {})).state }
}

export async function flushUiState(): Promise<void> {
  if (timer === undefined) return
  clearTimeout(timer)
  timer = undefined
  await host().request('state/save', { state: JSON.parse(JSON.stringify(state)) as UiState })
}

export function remember(key: string, value: unknown): void {
  state[key] = value
  clearTimeout(timer)
  timer = setTimeout(() => void flushUiState().catch(() => undefined), SAVE_DELAY_MS)
}

export const recall = (key: string): unknown => state[key]

/** A ref whose value survives restarts. `valid` guards against what an older version may have written. */
export function remembered<T>(key: string, initial: T, valid: (value: unknown) => value is T): Ref<T> {
  const stored = recall(key)
  const value = ref(valid(stored) ? stored : initial) as Ref<T>
  watch(value, (now) => remember(key, now), { deep: true })
  return value
}

export const isString = (value: unknown): value is string => typeof value === 'string'
export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const listOf =
  <T>(valid: (value: unknown) => value is T) =>
  (value: unknown): value is T[] =>
    Array.isArray(value) && value.every(valid)
