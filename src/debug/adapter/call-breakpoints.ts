import type { DebugProtocol } from '@vscode/debugprotocol'
import type { CallBreakpoint, CallBreakpointState } from '../../shared/engine'

/** The call breakpoints of a session; the engine says what their names cover. */
export class CallBreakpoints {
  readonly #nextId: () => number
  #list: readonly CallBreakpoint[] = []
  #states: readonly CallBreakpointState[] = []
  constructor(nextId: () => number) {
    this.#nextId = nextId
  }

  get list(): readonly CallBreakpoint[] {
    return this.#list
  }
  /** Replaces all of them; those that were there keep their ids. */
  set(requests: readonly DebugProtocol.FunctionBreakpoint[]): void {
    const old = [...this.#list]
    this.#list = requests.map(({ name, condition, hitCondition }) => {
      const rules = { ...(condition?.trim() && { condition }), ...(hitCondition?.trim() && { hitCondition }) }
      const at = old.findIndex(
        (known) =>
          known.name === name && known.condition === rules.condition && known.hitCondition === rules.hitCondition,
      )
      return at < 0 ? { id: this.#nextId(), name, ...rules } : old.splice(at, 1)[0]!
    })
  }
  known(states: readonly CallBreakpointState[]): void {
    this.#states = states
  }
  views(): DebugProtocol.Breakpoint[] {
    return this.#list.map(({ id }) => {
      const state = this.#states.find((candidate) => candidate.id === id)
      const message = state ? state.message : 'It is checked when the driver is loaded.'
      return { id, verified: state?.verified ?? false, ...(message !== undefined && { message }) }
    })
  }
}
