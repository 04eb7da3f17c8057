/** Implemented functions that no spec names. It may only become shorter: a new function comes with its spec. */
export const UNTESTED: readonly string[] = []
