/** Seeded generator (xorshift32). The only source of chance in the machine. */
export interface Random {
  /** Integer, 0 to bound - 1. */
  below(bound: number): number
}

export function createRandom(seed: number): Random {
  // Zero is the one state that xorshift never leaves.
  let state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x6e64_6973 || 1
  return {
    below(bound) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return (state >>> 0) % bound
    },
  }
}
