import path from 'node:path'
import { createRunPool } from '../../host/campaign/run-pool'
import { exploreInPool } from '../../host/campaign/explore'
import { findProduct } from '../../host/product'
import { runToReport } from '../../host/session/engine-host'
import type { CliIo, ExitCode } from '../io'
import { parseRunOptions, RUN_HELP } from './options'
import { readRuleTexts } from './rule-texts'
import { runDriver } from './run-driver'

/** Ctrl+C ends the runs, not the report; a second one ends us. */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController()
  const onInterrupt = (): void => interrupt.abort()
  process.once('SIGINT', onInterrupt)
  const result = await work(interrupt.signal)
  process.removeListener('SIGINT', onInterrupt)
  return result
}

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
      const worker = product.engineWorker
      const report = await interruptible((signal) => runToReport({ worker, files, entry, ...request, signal }))
      return { ...report, driver }
    },
    pool: (timeoutMs) => createRunPool({ engineWorker: product.engineWorker, timeoutMs }),
    explore: ({ driver, source: { files, entry }, config, inject, seeds, ...limits }) =>
      interruptible((signal) => {
        const run = { files, entry, config, ...(inject && { inject }) }
        return exploreInPool({ driver, run, seeds }, { engineWorker: product.engineWorker, ...limits, signal })
      }),
    check: async (files) => {
      const { typeCheck } = await import('../check/type-check')
      return typeCheck(files, path.join(product.data, 'ndis.d.ts'))
    },
  })
}
