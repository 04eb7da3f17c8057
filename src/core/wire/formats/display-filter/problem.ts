/** What is wrong with the text of a display filter, and where. */
export interface FilterProblem {
  /** 0-based place in the text. */
  readonly at: number
  /** Characters that are wrong; 0: something is missing there. */
  readonly length: number
  /** A sentence that says what is expected. */
  readonly message: string
}

/** Thrown and caught within this folder. */
export class FilterError extends Error {
  constructor(
    readonly at: number,
    readonly length: number,
    message: string,
  ) {
    super(message)
  }
}
