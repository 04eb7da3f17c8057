import { setFlagsFromString } from 'node:v8'

/**
 * A call of the interface is a chain of small functions: binding, checks, implementation, preemption point, event record.
 * V8 stops inlining after 920 bytes of bytecode, in the middle of that chain; with room for all of it a checked call takes
 * three quarters of the time.
 */
export function allowInlining(): void {
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000')
}
