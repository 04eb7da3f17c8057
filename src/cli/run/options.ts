import { KEYWORD_TYPES, keywordName } from '../../shared/configuration'
import { parseGiven, type GivenKeyword } from '../../shared/keyword-text'
import { MOST_NICS, NIC_NAMES, NICS, type Hardware } from '../../shared/hardware'
import { EXPLORED_CPUS, EXPLORED_RUN_MS } from '../../shared/explore'
import { MOST_FRAMES, SCENARIO_NAMES, SCENARIOS } from '../../shared/scenarios'
import { parseLink } from '../../core/wire/formats/link-options'
import { DEFAULT_CHOICE } from '../../shared/run-config'
import { isLevel, LEVEL_NAMES, LEVELS, overrideLevels, type RuleLevels } from '../../shared/rule-levels'
import { oneOf, parseCommandLine, wholeNumber } from '../arguments'
import { UsageError } from '../io'
import { EXPLORE_OPTIONS, exploredSeeds, givenForReplay } from './explore-options'
import { FAULT_HELP, FAULT_OPTIONS, givenFaults, type GivenFaults } from './fault-options'

export interface RunOptions extends GivenFaults {
  readonly driver: string
  readonly config: typeof DEFAULT_CHOICE
  /** In place of the configuration file's. */
  readonly hardware: Hardware
  /** In place of those of the configuration file, or besides them. */
  readonly keywords: readonly GivenKeyword[]
  /** In place of those of the configuration file, or besides them. */
  readonly levels: RuleLevels
  /** Print the report as JSON and nothing else. */
  readonly json: boolean
  /** Print how the locks were used. */
  readonly locks: boolean
  /** Captures: frames that arrive at the first NIC, and where those of all NICs go. */
  readonly in?: string
  readonly out?: string
  /** Files to write. */
  readonly sarif?: string
  readonly junit?: string
  readonly check: boolean
  /** As it was given: a schedule, or the file with one. */
  readonly schedule?: string
  /** Seeds to explore. */
  readonly explore?: number
  /** What was said that holds for a replay of an explored run too, but for what says itself which run it is. */
  readonly given: readonly string[]
  /** Real time after which the run is broken off, milliseconds; never when left out. */
  readonly timeoutMs?: number
  readonly color: boolean
}

export const RUN_HELP = `ndis-workbench run DRIVER: load a driver, run a scenario, halt, unload, report

DRIVER is a .ts file (which may export several drivers: export const drivers = { name: DriverEntry, ... }), or a folder with driver.ts, index.ts or one .ts file. Keywords that it reads with
NdisReadConfiguration are in the file beside it, driver.config.json for driver.ts.

  --platform nt|ce     NDIS of Windows NT (default) or of Windows CE
  --seed N             seed of the scheduler; the same seed gives the same run (default ${DEFAULT_CHOICE.seed})
  --cpus N             virtual CPUs, 1 to 8 (default ${DEFAULT_CHOICE.cpus})
  --schedule TEXT      what the scheduler decides, in place of the seed's word: decisions such as 340@1,512@0 (at tick 340
                       the CPU that runs is held up and CPU 1 has its turn, ...), none, eager, or a file of decisions
  --explore N          run N seeds from --seed on, on all processor cores, with a scheduler that looks for trouble; gather
                       what comes of them, and shrink each failure to the fewest preemptions (--cpus is ${EXPLORED_CPUS} then, if
                       not given, and --timeout holds for each run, ${EXPLORED_RUN_MS / 1000} if not given)
  --scenario NAME      what happens to the driver, in place of what the configuration file says (else 'default'):
${SCENARIO_NAMES.map((name) => `                         ${name.padEnd(10)} ${SCENARIOS[name]}`).join('\n')}
  --frames N           frames of the scenario at each adapter, up to ${MOST_FRAMES} (0: as many as it needs)
  --nic NAME           a NIC on the bus, in place of those of the configuration file; several with commas between them,
                       at most ${MOST_NICS}; the first adapter gets the first one:
${NIC_NAMES.map((name) => `                         ${name.padEnd(10)} ${NICS[name]}`).join('\n')}
                         none       no hardware
  --link LINK          how the links of the NICs behave, in place of the configuration file's: perfect, or some of
                       speed=100,delay=5us,loss=1%,duplicate=1%,reorder=1%,corrupt=1%,pull=10ms/2ms; pull, which may be
                       said again, is when the cable of the first NIC is pulled and for how long
  --out FILE           write the frames at the NICs as a capture for Wireshark (pcapng): times are virtual, a comment
                       names the driver call behind each frame
  --in FILE            let the Ethernet frames of a capture (pcapng or pcap) arrive at the first NIC
  --keyword NAME=VALUE a keyword of the configuration, in place of the file's; may be repeated. Its type is the file's,
                       or NAME:TYPE=VALUE says it (${KEYWORD_TYPES.join(', ')}); min and max do not bind
  --check              also type-check the driver first; type errors are printed and do not stop the run
  --timeout SECONDS    break the run off after so much real time (default: never; Ctrl+C also ends with a report)
  --rules on|off       rule checks (default on)
  --rule NAME=LEVEL    the level of a rule, in place of its own and of the configuration file's; may be repeated, and NAME
                       may be a pattern such as 'Irql_*' (of two that fit the later one holds):
${LEVEL_NAMES.map((name) => `                         ${name.padEnd(10)} ${LEVELS[name]}`).join('\n')}
${FAULT_HELP}  --no-log             no event log; then there is no traceHash either
  --locks              print how often each lock was acquired, and how long it was held at most; --json always has it
  --json               print only the report, as JSON
  --sarif FILE         write the findings as SARIF 2.1.0
  --junit FILE         write the findings as JUnit XML
  --no-color           plain text

Exit code: 0 clean, 1 violations, leaks or a bugcheck (of a sweep: not all handled), 2 usage, load or type error.
`

const OPTIONS = {
  platform: { type: 'string' },
  nic: { type: 'string' },
  link: { type: 'string' },
  frames: { type: 'string' },
  scenario: { type: 'string' },
  seed: { type: 'string' },
  cpus: { type: 'string' },
  timeout: { type: 'string' },
  ...EXPLORE_OPTIONS,
  in: { type: 'string' },
  out: { type: 'string' },
  ...FAULT_OPTIONS,
  rules: { type: 'string' },
  rule: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  locks: { type: 'boolean' },
  sarif: { type: 'string' },
  junit: { type: 'string' },
  keyword: { type: 'string', multiple: true },
  check: { type: 'boolean' },
  'no-log': { type: 'boolean' },
  'no-color': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** `82540EM`, `82540EM,teaching`, or `none`. */
function givenNics(text: string | undefined): Hardware {
  if (text === undefined) return {}
  if (text === 'none') return { nics: [] }
  const nics = text.split(',').map((name) => {
    const model = NIC_NAMES.find((known) => known === name)
    if (model) return model
    throw new UsageError(`--nic takes ${NIC_NAMES.join(' or ')}, with commas between several, or none, not '${name}'`)
  })
  if (nics.length <= MOST_NICS) return { nics }
  throw new UsageError(`--nic takes at most ${MOST_NICS} NICs, not ${nics.length}`)
}

function givenLink(text: string | undefined): Hardware {
  if (text === undefined) return {}
  try {
    return { link: parseLink(text) }
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new UsageError(`--link: ${thrown.message}`)
    throw thrown
  }
}

const givenScenario = ({
  scenario,
  frames,
}: {
  scenario?: string | undefined
  frames?: string | undefined
}): Hardware => ({
  ...(scenario !== undefined && { scenario: oneOf('--scenario', scenario, SCENARIO_NAMES, 'default') }),
  ...(frames !== undefined && { frames: wholeNumber('--frames', frames, { min: 0, max: MOST_FRAMES, fallback: 0 }) }),
})

function givenKeyword(text: string): GivenKeyword {
  const given = parseGiven(text)
  if (given && keywordName.safeParse(given.name).success) return given
  throw new UsageError(`--keyword takes NAME=VALUE or NAME:TYPE=VALUE, not '${text}'`)
}

/** Whether there are such rules the engine says. */
const givenLevels = (texts: readonly string[]): RuleLevels =>
  texts
    .map((text): RuleLevels => {
      const [, name = '', level] = /^(.+)=(.*)$/.exec(text) ?? []
      if (isLevel(level)) return { [name]: level }
      throw new UsageError(`--rule takes NAME=${LEVEL_NAMES.join('|')}, such as SpinLock=break, not '${text}'`)
    })
    .reduce(overrideLevels, {})

/**
 * @returns 'help' when that was asked for.
 * @throws UsageError
 */
export function parseRunOptions(args: readonly string[]): RunOptions | 'help' {
  const { values, positionals } = parseCommandLine('run', args, OPTIONS)
  if (values.help) return 'help'
  const [driver, ...more] = positionals
  if (driver === undefined) throw new UsageError('run needs a driver: ndis-workbench run driver.ts')
  if (more.length > 0) throw new UsageError(`run takes one driver, ${positionals.length} are given`)
  const explore = exploredSeeds(values)
  return {
    driver,
    config: {
      ...DEFAULT_CHOICE,
      platform: oneOf('--platform', values.platform, ['nt', 'ce'], DEFAULT_CHOICE.platform),
      seed: wholeNumber('--seed', values.seed, { min: 0, max: 0xffff_ffff, fallback: DEFAULT_CHOICE.seed }),
      cpus: wholeNumber('--cpus', values.cpus, {
        min: 1,
        max: 8,
        fallback: explore === undefined ? DEFAULT_CHOICE.cpus : EXPLORED_CPUS,
      }),
      rules: oneOf('--rules', values.rules, ['on', 'off'], 'on') === 'on',
      log: !values['no-log'],
    },
    hardware: { ...givenNics(values.nic), ...givenLink(values.link), ...givenScenario(values) },
    ...givenFaults(values),
    keywords: (values.keyword ?? []).map(givenKeyword),
    levels: givenLevels(values.rule ?? []),
    json: values.json ?? false,
    locks: values.locks ?? false,
    ...(values.in !== undefined && { in: values.in }),
    ...(values.out !== undefined && { out: values.out }),
    ...(values.sarif !== undefined && { sarif: values.sarif }),
    ...(values.junit !== undefined && { junit: values.junit }),
    check: values.check ?? false,
    ...(values.schedule !== undefined && { schedule: values.schedule }),
    ...(explore !== undefined && { explore }),
    given: givenForReplay(values),
    ...(values.timeout !== undefined && {
      timeoutMs: 1000 * wholeNumber('--timeout', values.timeout, { min: 1, max: 86_400, fallback: 1 }),
    }),
    color: !values['no-color'],
  }
}
