import { failAllocText } from '../../shared/fault-text'
import type { AllocationSite, FaultPlan, RemovalPoint } from '../../shared/faults'
import type { RunReport } from '../../shared/report'
import type { SweepKind, SweepProgress, SweepReport, SweepRow } from '../../shared/sweep'
import { rate } from './rating'

export interface SweepOptions {
  readonly kind: SweepKind
  readonly driver: string
  readonly seed: number
  readonly scenario: string
  /** The rest of the plan: it holds in every run. */
  readonly faults?: FaultPlan
  /**
   * Runs the driver with a plan of faults to its end, or to a time limit of its own. All that can be tried at a time are asked
   * for at once: a RunPool keeps as many going as there are cores.
   */
  readonly run: (faults: FaultPlan) => Promise<RunReport>
  readonly onProgress?: (progress: SweepProgress) => void
  /** Nothing more begins; whoever aborts it ends what runs, too (RunPool.close). */
  readonly signal?: AbortSignal
}

/** Something to try: a row without what came of it. */
type Trial = Omit<SweepRow, 'outcome' | 'rules' | 'leaks' | 'message'>

const NOWHERE = { function: '', file: '', line: 0, column: 0 }
const WHEN: Readonly<Record<RemovalPoint['when'], string>> = {
  enter: 'entry to',
  call: 'call of',
  return: 'return from',
}

/** A call stack that shows only when others failed is reached by letting these fail too: `before`, keys with + between them. */
function allocationTrial(site: AllocationSite, before: string | undefined, base: FaultPlan): Trial {
  const stack = before === undefined ? site.key : `${before}+${site.key}`
  const allocations = { stack }
  const place = site.stack[0] ?? { ...NOWHERE, function: site.within }
  return {
    key: site.key,
    function: site.function,
    place,
    stack: site.stack,
    faults: { ...base, allocations },
    option: `--fail-alloc ${failAllocText(allocations)}`,
  }
}
function removalTrial({ number, function: fn, when, place }: RemovalPoint, base: FaultPlan): Trial {
  return {
    key: `${number}`,
    function: `${WHEN[when]} ${fn}`,
    place,
    stack: place.line > 0 ? [place] : [],
    faults: { ...base, removeAt: number },
    option: `--remove-at ${number}`,
  }
}

/**
 * Tries every fault of a kind, each in a run of its own. New call stacks that a failure leads to are tried too, until none
 * is new. Rows come in the order in which their stacks were found, however many runs go on at a time.
 */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const { kind, driver, seed, scenario, run, onProgress, signal, faults: base = {} } = options
  const start = performance.now()
  const rows: SweepRow[] = []
  const known = new Set<string>()
  let [done, total, runs] = [0, 0, 0]
  const progress = (row?: SweepRow): void => onProgress?.({ done, total, ...(row && { row }) })

  const surveyed = (faults: FaultPlan): Promise<RunReport> => {
    runs++
    return run({ ...faults, survey: true })
  }
  /** What a run shows that nobody tried. */
  function fresh(report: RunReport, plan: FaultPlan | undefined): Trial[] {
    if (kind === 'removal') return plan ? [] : (report.survey?.points ?? []).map((point) => removalTrial(point, base))
    const sites = (report.survey?.allocations ?? []).filter(({ key }) => !known.has(key))
    for (const { key } of sites) known.add(key)
    return sites.map((site) => allocationTrial(site, plan?.allocations?.stack, base))
  }

  progress()
  const before = await surveyed(base)
  const broken = before.error && !before.survey
  let trials = broken ? [] : fresh(before, undefined)
  while (trials.length > 0 && !signal?.aborted) {
    total += trials.length
    progress()
    const results = await Promise.all(
      trials.map(async (trial) => {
        const report = await surveyed(trial.faults)
        // A run that was broken off because the sweep was says nothing about the driver.
        if (report.error?.code === 'stopped') return undefined
        const row: SweepRow = { ...trial, ...rate(report, before) }
        done++
        progress(row)
        return { row, report }
      }),
    )
    const finished = results.filter((result) => result !== undefined)
    rows.push(...finished.map(({ row }) => row))
    trials = finished.flatMap(({ row, report }) => fresh(report, row.faults))
  }
  return {
    kind,
    driver,
    seed,
    scenario,
    plain: rate(before),
    rows,
    handled: rows.filter(({ outcome }) => outcome === 'handled').length,
    runs,
    cancelled: signal?.aborted ?? false,
    ...(broken && before.error && { error: before.error.message }),
    wallMs: Math.round(performance.now() - start),
  }
}
