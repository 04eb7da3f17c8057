import type { CapturedFrame } from '../captured-frame'
import { COLOUR_RULES, type PacketColour } from '../dissect/colours.table'
import { compileFirst } from './compile'

export interface Colouring {
  readonly colour: PacketColour
  /** Name of the rule; empty where none fits. */
  readonly rule: string
}

const PLAIN: Colouring = { colour: 'plain', rule: '' }

/** The colour of a frame by the table of rules. */
export function createColouring(): (frame: CapturedFrame) => Colouring {
  const colourings = COLOUR_RULES.map(({ name, colour }): Colouring => ({ colour, rule: name }))
  const first = compileFirst(COLOUR_RULES.map(({ filter }) => filter))
  return (frame) => colourings[first(frame)] ?? PLAIN
}
