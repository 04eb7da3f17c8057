import path from 'node:path'
import { findProduct } from '../../host/product'
import { runToReport } from '../../host/session/engine-host'
import type { CliIo, ExitCode } from '../io'
import { parseRunOptions, RUN_HELP } from './options'
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
    run: async ({ driver, source, config }) => ({
      ...(await runToReport({ worker: product.engineWorker, config, files: source.files, entry: source.entry })),
      driver,
    }),
    check: async (files) => {
      const { typeCheck } = await import('../check/type-check')
      return typeCheck(files, path.join(product.data, 'ndis.d.ts'))
    },
  })
}
