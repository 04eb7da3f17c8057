import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { RunPool } from '../../host/campaign/run-pool'
import { collectDriver, DriverFilesError, type DriverFiles } from '../../host/files/driver-files'
import { overrideKeywords, valuesOf, type Keyword, type Keywords } from '../../shared/configuration'
import { guessType, typedKeyword } from '../../shared/keyword-text'
import { emptyReport } from '../../shared/empty-report'
import type { RunReport } from '../../shared/report'
import { runConfig } from '../../shared/run-config'
import type { TypeProblem } from '../check/type-check'
import type { CliIo, ExitCode } from '../io'
import { UsageError } from '../io'
import { prepareCaptures } from './captures'
import { codeFrame } from './code-frame'
import { counted } from './counted'
import { exploreDriver, type DriverExplorer } from './explore-driver'
import { junit } from './junit'
import type { RunOptions } from './options'
import { outputLine, reportText, type ReportContext } from './report-text'
import type { RuleTexts } from './rule-texts'
import type { DriverRunner } from './runner'
import { sarif } from './sarif'
import { readSchedule } from './schedule-option'
import { COLORED, PLAIN, printable } from './style'
import { sweepDriver } from './sweep-driver'

/** What `run` needs of the product, so that specs can stand in for it. */
export interface RunTools {
  readonly version: string
  readonly rules: RuleTexts
  readonly run: DriverRunner
  /** Threads for many runs, each of which may take so many milliseconds of real time. */
  readonly pool: (timeoutMs: number) => RunPool
  readonly explore: DriverExplorer
  readonly check: (files: DriverFiles['files']) => Promise<readonly TypeProblem[]>
}

/** Loads, runs and reports one driver. */
export async function runDriver(options: RunOptions, io: CliIo, tools: RunTools): Promise<ExitCode> {
  const source = await collectDriver(options.driver, { cwd: io.cwd }).catch((error: unknown) => {
    if (error instanceof DriverFilesError) return error
    throw error
  })
  if (source instanceof DriverFilesError)
    return finish(options, io, tools, source.source, emptyReport(options.driver, options.config.seed, source.error))
  const problems = options.check ? await tools.check(source.files) : []
  if (problems.length > 0) io.err(problemsText(problems, contextOf(options, io, source, tools)))
  const { driver, timeoutMs, json } = options
  const { faults, sweep } = options
  const config = runConfig(
    { keywords: {}, hardware: source.hardware, levels: source.levels },
    {
      ...options.config,
      ...options.hardware,
      levels: options.levels,
      keywords: keywordsFor(options, source.keywords),
      ...(faults && { faults }),
      ...(options.schedule !== undefined && { schedule: readSchedule(options.schedule, options.config.cpus, io.cwd) }),
    },
  )
  if (sweep && options.explore !== undefined)
    throw new UsageError('--explore and a sweep are two campaigns; run one after the other')
  if (sweep) {
    const { style, name } = contextOf(options, io, source, tools)
    return sweepDriver({ options, kind: sweep, source, config, pool: tools.pool, style, name }, io)
  }
  const captures = prepareCaptures(options, config.nics.length, io)
  if (options.explore !== undefined) {
    const request = { source, config, seeds: options.explore, ...captures.request }
    return exploreDriver(request, options, io, tools.explore, contextOf(options, io, source, tools))
  }
  const onOutput = (line: string): void => io.out(`${outputLine(line)}\n`)
  const report = await tools.run({
    driver,
    source,
    config,
    ...captures.request,
    ...(!json && { onOutput }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
  const trouble = captures.finish()
  const code = await finish(options, io, tools, source, report)
  if (trouble !== undefined) throw new UsageError(trouble)
  return code === 0 && problems.length > 0 ? 2 : code
}

/**
 * What the driver finds: the file's keywords, those of the command line instead of them. These keep the type, but not the
 * range: a registry may hold anything, and a driver has to cope.
 */
function keywordsFor({ keywords }: RunOptions, ofFile: readonly Keyword[]): Keywords {
  const given = keywords.map(({ name, type, text }) => {
    const known = ofFile.find((keyword) => keyword.name.toUpperCase() === name.toUpperCase())?.type
    const typing = typedKeyword(type ?? known ?? guessType(text), text)
    if ('takes' in typing) throw new UsageError(`--keyword ${name} takes ${typing.takes}, not '${text}'`)
    return [name, typing.value] as const
  })
  // One after the other: of two with the same name the last one holds.
  return given.reduce((all, one) => overrideKeywords(all, Object.fromEntries([one])), valuesOf(ofFile))
}

async function finish(
  options: RunOptions,
  io: CliIo,
  tools: RunTools,
  source: DriverFilesError['source'],
  report: RunReport,
): Promise<ExitCode> {
  const context = contextOf(options, io, source, tools)
  io.out(options.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report, context))
  const uriOf = (file: string) => context.name(file).split(path.sep).map(encodeURIComponent).join('/')
  if (options.sarif !== undefined) await writeResult('--sarif', options.sarif, sarif(report, tools, uriOf), io)
  if (options.junit !== undefined) await writeResult('--junit', options.junit, junit(report), io)
  return exitCode(report)
}

/** 2 when the driver could not be loaded or run; 1 when something was found; 0 otherwise. */
function exitCode(report: RunReport): ExitCode {
  if (report.outcome === 'error') return 2
  return report.outcome === 'clean' ? 0 : 1
}

function contextOf(
  options: RunOptions,
  io: CliIo,
  source: DriverFilesError['source'],
  { rules }: RunTools,
): ReportContext {
  return {
    style: options.color && io.colors ? COLORED : PLAIN,
    text: (file) => (source && Object.hasOwn(source.files, file) ? source.files[file] : undefined),
    rules,
    locks: options.locks,
    name: (file) => (source ? nearestName(io.cwd, path.join(source.folder, file)) : file),
  }
}

/** Relative to where the person stands, unless it lies elsewhere. */
function nearestName(cwd: string, file: string): string {
  const relative = path.relative(cwd, file)
  return relative.startsWith('..') ? file : relative
}

function problemsText(problems: readonly TypeProblem[], context: ReportContext): string {
  const lines = problems.map(({ file, line, column, code, message }) => {
    const place = file ? `${context.name(file)}:${line}:${column} ` : ''
    const frame = codeFrame(context.text(file), line, column, context.style)
    return `${context.style.bold(place)}${context.style.red(code)} ${printable(message)}\n${frame ? `${frame}\n` : ''}`
  })
  return `${lines.join('')}${counted(problems.length, 'type error')}\n`
}

async function writeResult(option: string, file: string, text: string, io: CliIo): Promise<void> {
  const full = path.resolve(io.cwd, file)
  try {
    await mkdir(path.dirname(full), { recursive: true })
    await writeFile(full, text)
  } catch (error) {
    throw new UsageError(`${option}: ${file} cannot be written: ${(error as NodeJS.ErrnoException).code}`)
  }
}
