import type { CliIo } from '../io'
import { UsageError } from '../io'
import { readInjected } from './capture-in'
import { beginCapture } from './capture-out'
import type { RunOptions } from './options'

/**
 * The captures of a run: what it is to be given, and how they end.
 *
 * @throws UsageError for a file that cannot be used, and where there is no NIC.
 */
export function prepareCaptures(options: Pick<RunOptions, 'in' | 'out'>, nics: number, io: CliIo) {
  const given = options.in === undefined ? (options.out === undefined ? undefined : '--out') : '--in'
  if (given !== undefined && nics === 0)
    throw new UsageError(`${given} needs a NIC: --nic 82540EM, or "nics" in the configuration file`)
  const inject = options.in === undefined ? undefined : readInjected(options.in, io)
  const out = options.out === undefined ? undefined : beginCapture(options.out, io)
  return {
    request: { ...(inject && { inject }), ...(out && { capture: out.store }) },
    /** What went wrong with the capture, in a sentence, or undefined. */
    finish: (): string | undefined => out?.finish(),
  }
}
