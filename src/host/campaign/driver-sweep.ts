import type { RunConfig } from '../../shared/engine'
import type { SweepKind, SweepProgress, SweepReport } from '../../shared/sweep'
import type { RunPool } from './run-pool'
import { sweep } from './sweep'

/** Real time that one run of a sweep may take, milliseconds, when nobody says. */
export const SWEPT_RUN_TIMEOUT_MS = 30_000

export interface DriverSweep {
  readonly kind: SweepKind
  /** As the person gave it. */
  readonly driver: string
  readonly source: { readonly files: Readonly<Record<string, string>>; readonly entry: string }
  /** Its plan of faults holds in every run. */
  readonly config: RunConfig
  readonly onProgress?: (progress: SweepProgress) => void
  /** Breaks the sweep off; its report has the rows so far. */
  readonly signal?: AbortSignal
}

/** Sweeps over a driver on threads of their own, which end with it. Never rejects because of the driver. */
export async function sweepOnPool(
  pool: RunPool,
  { source, config, signal, ...about }: DriverSweep,
): Promise<SweepReport> {
  const { faults, ...rest } = config
  const { files, entry } = source
  const close = (): void => void pool.close()
  signal?.addEventListener('abort', close, { once: true })
  const report = await sweep({
    ...about,
    seed: config.seed,
    scenario: config.scenario,
    ...(faults && { faults }),
    ...(signal && { signal }),
    run: (plan) => pool.run({ files, entry, config: { ...rest, faults: plan } }),
  })
  signal?.removeEventListener('abort', close)
  await pool.close()
  return report
}
