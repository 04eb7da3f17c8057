import type { CapturedFrame } from '../captured-frame'
import { COLOUR_RULES, type PacketColour } from '../dissect/colours.table'
import { compileFilter } from './compile'

export interface Colouring {
  readonly colour: PacketColour
  /** Name of the rule; empty where none fits. */
  readonly rule: string
}

const PLAIN: Colouring = { colour: 'plain', rule: '' }

/** The colour of a frame by the table of rules. */
export function createColouring(): (frame: CapturedFrame) => Colouring {
  const rules = COLOUR_RULES.flatMap(({ name, filter: text, colour }) => {
    const { filter } = compileFilter(text)
    return filter ? [{ filter, result: { colour, rule: name } }] : []
  })
  return (frame) => rules.find(({ filter }) => filter.test(frame))?.result ?? PLAIN
}
