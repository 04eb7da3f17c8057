/** A place in the driver's source. Lines and columns count from 1. */
export interface Place {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly column: number
}
