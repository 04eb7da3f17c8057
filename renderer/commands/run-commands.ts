import type { LaunchArguments } from '../../src/shared/dap'
import { DEFAULT_RUN_CONFIG } from '../../src/shared/engine'
import type { RunChoice } from '../../src/shared/run-config'
import { launchArguments } from '../debug/launch-arguments'
import { useSession } from '../debug/session'
import { runTarget } from '../model/run-target'
import { useConfiguration } from '../stores/configuration'
import { useDocuments } from '../stores/documents'
import { useLaunched, type SpecialRun } from '../stores/launched'
import { useNotices } from '../stores/notices'
import { useOutput } from '../stores/output'
import { useSettings, type RunChoices } from '../stores/settings'
import type { Command } from './registry'

/** A field that a person is typing in counts as it stands: the keyboard starts a run without leaving it. */
function commitField(): Promise<void> {
  if (document.activeElement instanceof HTMLInputElement)
    document.activeElement.dispatchEvent(new Event('change', { bubbles: true }))
  return useConfiguration().settled()
}

/** The driver that Run means; says what to do when there is none. */
export function targetProgram(): string | undefined {
  const documents = useDocuments()
  const program = runTarget(documents.open.get(documents.active), [...documents.open.values()])
  if (program === undefined)
    useNotices().trouble('Open a driver script first: Ctrl+N starts a new one, the examples are on the left.')
  return program
}

/** What a person chose. The usual scenario and number of frames are no choice: the configuration file beside the driver may name others. */
function chosen({ scenario, frames, ...run }: RunChoices): RunChoice {
  return {
    ...run,
    ...(scenario !== DEFAULT_RUN_CONFIG.scenario && { scenario }),
    ...(frames !== DEFAULT_RUN_CONFIG.frames && { frames }),
  }
}

/** A launch of the texts as they are now, with the run configuration. */
export async function launchOf(program: string, choice: RunChoice = {}): Promise<LaunchArguments> {
  await commitField()
  const documents = [...useDocuments().open.values()]
  return launchArguments(program, documents, { ...chosen(useSettings().run), ...choice })
}

/** Starts a run; `special`: it differs from the run configuration, and a restart repeats that. */
export async function startWith(program: string, special?: SpecialRun): Promise<void> {
  const launch = await launchOf(program, special?.choice)
  const launched = useLaunched()
  useOutput().clear()
  launched.texts = new Map([...useDocuments().open.values()].map((document) => [document.uri, document.text]))
  launched.special = special
  await useSession().start(launch)
}

async function startActive(): Promise<void> {
  const program = targetProgram()
  if (program !== undefined) await startWith(program)
}

async function startOrContinue(): Promise<void> {
  const session = useSession()
  if (session.phase === 'stopped') await session.resume('continue')
  else await startActive()
}

/** Always a new run of the text as it is now. */
async function restart(): Promise<void> {
  const session = useSession()
  await session.stop()
  if (session.program && useDocuments().open.has(session.program))
    await startWith(session.program, useLaunched().special)
  else await startActive()
}

function stepCommands(): Command[] {
  const session = useSession()
  const stopped = (): boolean => session.phase === 'stopped'
  return [
    {
      id: 'run.stepOver',
      group: 'Run',
      title: 'Step Over',
      keys: ['F10'],
      icon: 'debug-step-over',
      enabled: stopped,
      run: () => session.resume('next'),
    },
    {
      id: 'run.stepInto',
      group: 'Run',
      title: 'Step Into',
      keys: ['F11'],
      icon: 'debug-step-into',
      enabled: stopped,
      run: () => session.resume('stepIn'),
    },
    {
      id: 'run.stepOut',
      group: 'Run',
      title: 'Step Out',
      keys: ['Shift+F11'],
      icon: 'debug-step-out',
      enabled: stopped,
      run: () => session.resume('stepOut'),
    },
  ]
}

export function runCommands(): Command[] {
  const session = useSession()
  const alive = (): boolean =>
    session.phase === 'stopped' || session.phase === 'running' || session.phase === 'starting'
  return [
    {
      id: 'run.start',
      group: 'Run',
      title: 'Start or Continue',
      keys: ['F5'],
      icon: 'debug-start',
      enabled: () => session.phase !== 'running' && session.phase !== 'starting',
      run: startOrContinue,
    },
    {
      id: 'run.pause',
      group: 'Run',
      title: 'Pause',
      keys: ['F6'],
      icon: 'debug-pause',
      enabled: () => session.phase === 'running',
      run: session.pause,
    },
    ...stepCommands(),
    {
      id: 'run.restart',
      group: 'Run',
      title: 'Restart',
      keys: ['Ctrl+Shift+F5'],
      icon: 'debug-restart',
      enabled: () => session.phase !== 'starting' && session.program !== '',
      run: restart,
    },
    {
      id: 'run.stop',
      group: 'Run',
      title: 'Stop',
      keys: ['Shift+F5'],
      icon: 'debug-stop',
      enabled: alive,
      run: session.stop,
    },
  ]
}
