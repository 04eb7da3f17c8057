import type { StopReason } from '../../shared/engine'
import type { CallFrame } from '../cdp/protocol'

/** A stop that a person sees. */
export interface Stop {
  readonly reason: 'breakpoint' | 'function breakpoint' | 'step' | 'pause' | 'exception' | 'entry'
  readonly description: string
  readonly text?: string
  /** Ids of breakpoints that the front end knows. */
  readonly hit: readonly number[]
  /** All frames, the engine's too. */
  readonly frames: readonly CallFrame[]
  /** What an exception stop is about. */
  readonly exception?: 'violation' | 'bugcheck' | 'thrown' | 'fault'
}
export type StopKind = Omit<Stop, 'frames'>

/** A stop that the engine made: at a call breakpoint, a broken rule, a bugcheck. */
export function engineStop({ kind, breakpointIds, function: called, text }: StopReason): StopKind | undefined {
  const words = text === undefined ? {} : { text }
  switch (kind) {
    case 'call':
      return { reason: 'function breakpoint', description: `Paused at the call of ${called}`, hit: breakpointIds }
    case 'violation':
      return { reason: 'exception', description: 'A rule is broken', hit: [], exception: 'violation', ...words }
    case 'bugcheck':
      return { reason: 'exception', description: 'Bugcheck', hit: [], exception: 'bugcheck', ...words }
    case 'fault':
      return { reason: 'exception', description: 'A fault is injected', hit: [], exception: 'fault', ...words }
    case 'break':
      return { reason: 'breakpoint', description: 'The driver breaks into the debugger', hit: [], ...words }
    default:
      return undefined
  }
}

export const breakpointStop = (hit: readonly number[]): StopKind => ({
  reason: 'breakpoint',
  description: 'Paused at a breakpoint',
  hit,
})
export const STEP_STOP: StopKind = { reason: 'step', description: 'Paused after a step', hit: [] }
export const PAUSE_STOP: StopKind = { reason: 'pause', description: 'Paused', hit: [] }
export const ENTRY_STOP: StopKind = { reason: 'entry', description: 'Paused at DriverEntry', hit: [] }
export const STATEMENT_STOP: StopKind = {
  reason: 'breakpoint',
  description: 'Paused at a debugger statement',
  hit: [],
}
export const thrownStop = (description: string | undefined): StopKind => ({
  reason: 'exception',
  description: 'The driver throws',
  hit: [],
  exception: 'thrown',
  ...(description !== undefined && { text: description.split('\n')[0]! }),
})
