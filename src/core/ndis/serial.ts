import type { Adapter } from './adapters'
import { constant } from './constants'

const DESERIALIZE = constant('NDIS_ATTRIBUTE_DESERIALIZE')
const NDIS_6 = 0x6_0000

/**
 * NDIS calls a serialized miniport of NDIS 3 to 5 one function at a time, whatever the CPU (PV serialized miniport drivers).
 * What comes while one runs waits until it has returned. Deserialized miniports, and those of NDIS 6, see to that themselves.
 */
export interface Serial {
  isSerialized(adapter: Adapter): boolean
  /** true when the miniport may be called now; then `leave` must follow. */
  enter(adapter: Adapter): boolean
  /** Runs what waits. */
  leave(adapter: Adapter): void
  /** Runs `work`, which enters by itself, once the miniport is free: at once when it is. */
  whenFree(adapter: Adapter, work: () => void): void
  /** Calls now, or later when the miniport is busy. */
  run(adapter: Adapter, work: () => void): void
  forget(adapter: Adapter): void
  /** Told when a serialized miniport is entered and left; one watch a machine. */
  watch(watch: SerialWatch): void
}

export interface SerialWatch {
  entered(adapter: Adapter): void
  left(adapter: Adapter): void
}

interface State {
  busy: boolean
  readonly waiting: (() => void)[]
}

export function createSerial(): Serial {
  const states = new Map<Adapter, State>()
  let watcher: SerialWatch | undefined
  const isSerialized = ({ version, attributeFlags }: Adapter): boolean =>
    version < NDIS_6 && (attributeFlags & DESERIALIZE) === 0
  function stateOf(adapter: Adapter): State {
    const known = states.get(adapter)
    if (known) return known
    const state: State = { busy: false, waiting: [] }
    states.set(adapter, state)
    return state
  }
  function enter(adapter: Adapter): boolean {
    if (!isSerialized(adapter)) return true
    const state = stateOf(adapter)
    if (state.busy) return false
    state.busy = true
    watcher?.entered(adapter)
    return true
  }
  function leave(adapter: Adapter): void {
    if (!isSerialized(adapter)) return
    const state = stateOf(adapter)
    state.busy = false
    watcher?.left(adapter)
    // Each of them enters by itself.
    while (!state.busy && state.waiting.length > 0) state.waiting.shift()!()
  }
  function run(adapter: Adapter, work: () => void): void {
    if (!enter(adapter)) return void stateOf(adapter).waiting.push(() => run(adapter, work))
    work()
    leave(adapter)
  }
  return {
    isSerialized,
    enter,
    leave,
    run,
    whenFree(adapter, work) {
      if (isSerialized(adapter) && stateOf(adapter).busy) stateOf(adapter).waiting.push(work)
      else work()
    },
    forget: (adapter) => void states.delete(adapter),
    watch: (watch) => void (watcher = watch),
  }
}
