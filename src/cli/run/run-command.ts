import path from 'node:path'
import { createRunPool } from '../../host/campaign/run-pool'
import { findProduct } from '../../host/product'
import { runToReport } from '../../host/session/engine-host'
import type { CliIo, ExitCode } from '../io'
import { parseRunOptions, RUN_HELP } from './options'
import { readRuleTexts } from './rule-texts'
import { runDriver } from './run-driver'

export async function runCommand(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const options = parseRunOptions(args)
  if (options === 'help') {
    io.out(RUN_HELP)
    return 0
  }
  const product = findProduct(import.meta.url)
  return runDriver(options, io, {
    version: product.version,
    rules: readRuleTexts(product.data),
    async run({ driver, source: { files, entry }, ...request }) {
      // Ctrl+C ends the run, not the report; a second one ends us.
      const interrupt = new AbortController()
      const onInterrupt = (): void => interrupt.abort()
      process.once('SIGINT', onInterrupt)
      const report = await runToReport({
        worker: product.engineWorker,
        files,
        entry,
        ...request,
        signal: interrupt.signal,
      })
      process.removeListener('SIGINT', onInterrupt)
      return { ...report, driver }
    },
    pool: (timeoutMs) => createRunPool({ engineWorker: product.engineWorker, timeoutMs }),
    check: async (files) => {
      const { typeCheck } = await import('../check/type-check')
      return typeCheck(files, path.join(product.data, 'ndis.d.ts'))
    },
  })
}
