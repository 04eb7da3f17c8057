/** A call of something that the table knows and the machine does not have. */
export class NotImplemented extends Error {
  constructor(readonly api: string) {
    super(`${api} is not implemented`)
  }
}
