import type { CallFrame } from '../cdp/protocol'
import { isDriverFrame } from './frames'

export type StepCommand = 'Debugger.stepOver' | 'Debugger.stepInto' | 'Debugger.stepOut'

/** V8 steps by expressions. A line is left after fewer, unless it is a loop of its own; then a person may look again. */
const MOST_STEPS = 200

interface Standing {
  readonly depth: number
  readonly functionName: string
  readonly line: number
  /** The innermost frame belongs to the engine. */
  readonly hidden: boolean
}

function standing(frames: readonly CallFrame[]): Standing {
  const driver = frames.filter(isDriverFrame)
  const [top] = driver
  return {
    depth: driver.length,
    functionName: top?.functionName ?? '',
    line: top?.location.lineNumber ?? -1,
    hidden: !frames[0] || !isDriverFrame(frames[0]),
  }
}

/** One step of a person, from line to line of the driver, made of as many steps of V8 as it takes. */
export class Stepper {
  readonly #command: StepCommand
  readonly #from: Standing
  #left = MOST_STEPS

  constructor(command: StepCommand, frames: readonly CallFrame[]) {
    this.#command = command
    this.#from = standing(frames)
  }

  /** What V8 is asked for at first. Where the engine itself stopped, over and out first leave it. */
  get first(): StepCommand {
    return this.#from.hidden && this.#command !== 'Debugger.stepInto' ? 'Debugger.stepOut' : this.#command
  }

  /** V8 stands here now: what comes next; undefined when the step is done; 'resume' when it led out of the driver. */
  landed(frames: readonly CallFrame[]): StepCommand | 'resume' | undefined {
    const at = standing(frames)
    if (this.#left-- <= 0) return at.hidden ? 'resume' : undefined
    if (at.hidden) {
      if (this.#command === 'Debugger.stepInto') return 'Debugger.stepInto'
      return at.depth > 0 ? 'Debugger.stepOut' : 'resume'
    }
    if (this.#command === 'Debugger.stepOut') return at.depth >= this.#from.depth ? 'Debugger.stepOut' : undefined
    if (this.#command === 'Debugger.stepOver' && at.depth > this.#from.depth) return 'Debugger.stepOut'
    return this.#sameLine(at) ? this.#command : undefined
  }
  #sameLine(at: Standing): boolean {
    const from = this.#from
    return at.depth === from.depth && at.line === from.line && at.functionName === from.functionName
  }
}
