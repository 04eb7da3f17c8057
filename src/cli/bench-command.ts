import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { findProduct } from '../host/product'
import { UsageError, type CliIo, type ExitCode } from './io'

/** The benchmarks compile their C anchor from source, so they run in a checkout only. */
export async function benchCommand(args: readonly string[], io: CliIo): Promise<ExitCode> {
  if (args.includes('--help') || args.includes('-h')) {
    io.out('ndis-workbench bench: pool pairs per second of this machine, unchecked and checked, beside plain C\n')
    return 0
  }
  const script = path.join(findProduct(import.meta.url).root, 'bench/run.mjs')
  if (!existsSync(script))
    throw new UsageError('bench runs in a checkout of ndis-workbench: its sources are not installed')
  const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => resolve(code === 0 ? 0 : 2))
  })
}
