/** Sweeps and explorations: started with the run configuration, their rows run again in the debugger. */
import { EXPLORED_CPUS } from '../../src/shared/explore'
import { useDock } from '../dock/dock'
import { TRIALS, type TrialKind, type TrialRow } from '../model/trials'
import { useNotices } from '../stores/notices'
import { useSettings } from '../stores/settings'
import { useTrials } from '../stores/trials'
import type { Command } from './registry'
import { launchOf, startWith, targetProgram } from './run-commands'

/** Tries what the panel says with the driver that Run means. */
export async function startTrial(): Promise<void> {
  const program = targetProgram()
  if (program === undefined) return
  const trials = useTrials()
  // On one CPU little can be interleaved.
  const cpus = Math.max(EXPLORED_CPUS, useSettings().run.cpus)
  await trials.start(await launchOf(program, trials.kind === 'explore' ? { cpus } : {}))
}

export async function debugTrial(row: TrialRow): Promise<void> {
  const { of } = useTrials()
  if (!of || !row.replay) return
  await startWith(of.program, { choice: row.replay, words: row.options })
  useNotices().announce('The run of this row has started')
}

async function start(kind: TrialKind): Promise<void> {
  const trials = useTrials()
  useDock().show('trials')
  if (!trials.running) trials.kind = kind
  await startTrial()
}

export const trialCommands = (): Command[] =>
  (Object.keys(TRIALS) as TrialKind[]).map((kind) => ({
    id: `run.${kind}`,
    group: 'Run',
    title: TRIALS[kind],
    icon: 'beaker',
    enabled: () => !useTrials().running,
    run: () => start(kind),
  }))
