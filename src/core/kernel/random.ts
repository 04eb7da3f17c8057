/** Seeded generator (xorshift32). The only kind of chance in the machine. */
export interface Random {
  /** Integer, 0 to bound - 1. */
  below(bound: number): number
}

/** Streams of one seed: what is drawn from one of them shifts nothing in another. */
export const STREAM = { TRAFFIC: 0, SCHEDULE: 1, FAULTS: 2, COMPLETIONS: 3 } as const

export function createRandom(seed: number, stream = STREAM.TRAFFIC as number): Random {
  // Zero is the one state that xorshift never leaves.
  let state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x6e64_6973 ^ Math.imul(stream, 0x85eb_ca6b) || 1
  return {
    below(bound) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return (state >>> 0) % bound
    },
  }
}
