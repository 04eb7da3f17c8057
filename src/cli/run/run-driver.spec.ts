import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunReport } from '../../shared/report'
import { UsageError, type CliIo } from '../io'
import { parseRunOptions, type RunOptions } from './options'
import { cleanReport, faultyReport, violation } from './report.fixture'
import { runDriver, type RunTools } from './run-driver'

let cwd: string
let out: string
let err: string

const io = (): CliIo => ({
  out: (text) => (out += text),
  err: (text) => (err += text),
  env: {},
  cwd,
  colors: false,
})
const rule = {
  name: 'DV:DoubleFree',
  meaning: 'Memory was freed twice.',
  why: 'The pool breaks.',
  mend: 'Free it once.',
}
const tools = (report: RunReport, problems: Awaited<ReturnType<RunTools['check']>> = []): RunTools => ({
  version: '0.1.0',
  rules: new Map([[rule.name, rule]]),
  run({ onOutput }) {
    report.output.forEach((line) => onOutput?.(line))
    return Promise.resolve(report)
  },
  pool: () => ({ threads: 1, run: () => Promise.resolve(report), close: () => Promise.resolve() }),
  explore: () => Promise.reject(new Error('one run is not explored')),
  check: () => Promise.resolve(problems),
})
const options = (...args: string[]) => parseRunOptions(['drv/driver.ts', ...args]) as RunOptions
const run = (report: RunReport, ...args: string[]) => runDriver(options(...args), io(), tools(report))

beforeEach(async () => {
  out = err = ''
  cwd = await mkdtemp(path.join(tmpdir(), 'run-driver-'))
  await mkdir(path.join(cwd, 'drv'))
  await writeFile(path.join(cwd, 'drv/driver.ts'), 'const a = 1\nconst b = 2\n  NdisFreePacket(p)\n')
})
afterEach(() => rm(cwd, { recursive: true, force: true }))

describe('what run prints', () => {
  it('ends a clean run with one summary line and exit code 0', async () => {
    expect(await run(cleanReport)).toBe(0)
    expect(out).toBe('clean  seed 7 · 12 calls · 34 events · 1.25 ms virtual · traceHash 0123456789abcdef · 8 ms\n')
  })

  it('shows each violation with rule, sentence, place, code frame and history', async () => {
    expect(await run(faultyReport)).toBe(1)
    expect(out).toBe(`  hello \\x1b[31m<world>

VIOLATION DV:DoubleFree  CPU 0, DISPATCH_LEVEL, at 1.5 µs, 3 times
  The packet was freed before.
  drv/driver.ts:3:3 in NdisFreePacket
      1 | const a = 1
      2 | const b = 2
    > 3 |   NdisFreePacket(p)
        |   ^
      4 |
  allocated at drv/driver.ts:1:3 in DriverEntry
  freed at drv/driver.ts:2:3 in DriverEntry
  mend: Free it once.

LEAK 2 x NDIS_PACKET  96 bytes, tag 'Pkt1', still allocated after unload
  allocated at drv/driver.ts:1
    > 1 | const a = 1
      2 | const b = 2
      3 |   NdisFreePacket(p)
  called from drv/driver.ts:5:3 in DriverEntry

1 violation (3 times), 2 leaks  seed 7 · 12 calls · 34 events · 1.25 ms virtual · traceHash 0123456789abcdef · 8 ms
`)
  })

  it('begins with the faults that were injected', async () => {
    const place = { function: 'f', file: 'driver.ts', line: 2, column: 3 }
    const fault = { function: 'NdisX', place, stack: [place], key: '0123abcd', timeNs: 0, event: 1 }
    const faults = [...Array(11).fill({ ...fault, kind: 'allocation' }), { ...fault, kind: 'removal' }] as const
    await run({ ...cleanReport, faults })
    const lines = out.split('\n')
    expect(lines[0]).toBe('FAULT NdisX fails  drv/driver.ts:2:3  stack:0123abcd')
    expect(lines.slice(10, 12)).toEqual(['  and 2 more', ''])
    out = ''
    await run({ ...cleanReport, faults: faults.slice(11) })
    expect(out).toMatch(/^FAULT the hardware is pulled at NdisX {2}drv\/driver\.ts:2:3\n\nclean/)
  })

  it('exits 1 for a leak alone and 2 for an error', async () => {
    expect(await run({ ...faultyReport, violations: [], broken: 0 })).toBe(1)
    const error = { code: 'syntax' as const, message: "Expected ';'", file: 'driver.ts', line: 2, column: 7 }
    expect(await run({ ...cleanReport, outcome: 'error', error })).toBe(2)
    expect(out).toContain("ERROR syntax  drv/driver.ts:2:7\n  Expected ';'\n")
  })

  it('prints only the report with --json', async () => {
    expect(await run(faultyReport, '--json')).toBe(1)
    expect(JSON.parse(out)).toEqual(faultyReport)
  })

  it('reports a missing driver as an error of the run, in JSON too', async () => {
    const missing = parseRunOptions(['none.ts', '--json']) as RunOptions
    expect(await runDriver(missing, io(), tools(cleanReport))).toBe(2)
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'error',
      error: { code: 'file-not-found', message: 'none.ts: no such file or folder' },
    })
  })

  it('lets type errors through to the run and still answers 2', async () => {
    const problem = { file: 'driver.ts', line: 1, column: 7, code: 'TS2322', message: 'Type no.' }
    const code = await runDriver(options('--check'), io(), tools(cleanReport, [problem]))
    expect(code).toBe(2)
    expect(err).toContain('drv/driver.ts:1:7 TS2322 Type no.\n> 1 | const a = 1\n')
    expect(err).toContain('1 type error\n')
    expect(out).toContain('clean')
  })
})

describe('results for other programs', () => {
  it('writes SARIF with places relative to where the run was started', async () => {
    await run(faultyReport, '--sarif', 'results/run.sarif')
    const log = JSON.parse(await readFile(path.join(cwd, 'results/run.sarif'), 'utf8')) as {
      version: string
      runs: [{ tool: { driver: { rules: unknown[] } }; results: unknown[] }]
    }
    expect(log.version).toBe('2.1.0')
    expect(log.runs[0].tool.driver.rules).toEqual([
      {
        id: rule.name,
        shortDescription: { text: 'Memory was freed twice.' },
        fullDescription: { text: 'Memory was freed twice. The pool breaks.' },
        help: { text: 'Free it once.' },
      },
      { id: 'leak' },
    ])
    const place = (startLine: number) => ({
      artifactLocation: { uri: 'drv/driver.ts' },
      region: { startLine, startColumn: 3 },
    })
    expect(log.runs[0].results).toMatchObject([
      {
        ruleId: 'DV:DoubleFree',
        message: { text: violation.message },
        locations: [{ physicalLocation: place(3) }],
        relatedLocations: [
          { physicalLocation: place(1), message: { text: 'allocated here' } },
          { physicalLocation: place(2), message: { text: 'freed here' } },
        ],
      },
      { ruleId: 'leak', locations: [{ physicalLocation: { region: { startLine: 1 } } }] },
    ])
  })

  it('writes JUnit that is well-formed whatever a driver prints', async () => {
    await run(faultyReport, '--junit', 'junit.xml')
    const xml = await readFile(path.join(cwd, 'junit.xml'), 'utf8')
    expect(xml).toContain('tests="4" failures="2"')
    expect(xml).toContain('<system-out>hello \ufffd[31m&lt;world&gt;\n</system-out>')
    expect(xml).toContain('name="rule DV:DoubleFree at driver.ts:3"')
  })

  it('says so when a result cannot be written', async () => {
    await expect(run(cleanReport, '--junit', 'drv/driver.ts/x.xml')).rejects.toThrow(UsageError)
  })
})

describe('the keywords that run gives to a driver', () => {
  const FILE =
    '{\n  "keywords": {\n    "RingSize": { "type": "dword", "value": 64, "max": 128 },\n    "Name": "7"\n  }\n}\n'
  const keywordsOf = async (...args: string[]) => {
    let given: unknown
    await runDriver(options(...args), io(), {
      ...tools(cleanReport),
      run: ({ config }) => {
        given = config.keywords
        return Promise.resolve(cleanReport)
      },
    })
    return given
  }
  beforeEach(() => writeFile(path.join(cwd, 'drv/driver.config.json'), FILE))

  it('are those of the file', async () => {
    expect(await keywordsOf()).toEqual({ RingSize: 64, Name: '7' })
  })

  it('and those of the command line instead, with the type of the file but not its range', async () => {
    expect(await keywordsOf('--keyword', 'ringsize=0x1000', '--keyword', 'NAME=8')).toEqual({
      ringsize: 4096,
      NAME: '8',
    })
    expect(await keywordsOf('--keyword', 'RingSize:string=x', '--keyword', 'A=1', '--keyword', 'a=2')).toEqual({
      RingSize: 'x',
      Name: '7',
      a: 2,
    })
    await expect(keywordsOf('--keyword', 'RingSize=many')).rejects.toThrow(
      "--keyword RingSize takes a whole number from -2147483648 to 4294967295, not 'many'",
    )
  })

  it('are not there when the file is wrong: its line is shown', async () => {
    await writeFile(path.join(cwd, 'drv/driver.config.json'), FILE.replace('64', '640'))
    expect(await run(cleanReport)).toBe(2)
    expect(out).toContain('ERROR configuration  drv/driver.config.json:3:45\n  RingSize.value takes a number from')
    expect(out).toContain('> 3 |     "RingSize": { "type": "dword", "value": 640')
  })
})

describe('the NICs of a run', () => {
  const nicsOf = async (...args: string[]) => {
    let given: unknown
    await runDriver(options(...args), io(), {
      ...tools(cleanReport),
      run: ({ config }) => {
        given = [config.nics, config.link.speed]
        return Promise.resolve(cleanReport)
      },
    })
    return given
  }
  it('are those of the configuration file, or of the command line in their place', async () => {
    expect(await nicsOf()).toEqual([[], 1000])
    await writeFile(
      path.join(cwd, 'drv/driver.config.json'),
      '{ "keywords": {}, "nics": ["82540EM"], "link": { "speed": 100 } }',
    )
    expect(await nicsOf()).toEqual([['82540EM'], 100])
    expect(await nicsOf('--nic', 'teaching')).toEqual([['teaching'], 100])
    expect(await nicsOf('--nic', 'none')).toEqual([[], 100])
  })
})
