import type { Program } from 'acorn'
import { simple } from 'acorn-walk'
import type { Edits } from './edits'
import { OWN } from './own-names'

/**
 * A bugcheck unwinds the driver with an exception, and no C driver can catch one: neither `catch` nor `finally` does anything then,
 * they hand it on. The machine stays as it stopped.
 */
export function passBugchecks(program: Program, edits: Edits): void {
  simple(program, {
    TryStatement({ handler, finalizer }) {
      for (const body of [handler?.body, finalizer]) if (body) edits.insertFirst(body.start + 1, `${OWN.halt}();`, true)
    },
  })
}
