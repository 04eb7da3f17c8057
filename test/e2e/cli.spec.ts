import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunReport } from '../../src/shared/report'
import { root } from './front-ends/workbench-app'

/** The built command line as a process of its own, as people and CI jobs call it. */
function cli(...args: string[]) {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const program = path.join(root, 'out/node/cli.js')
    const env = { ...process.env, NDIS_WORKBENCH_DEBUG: '' }
    execFile(process.execPath, [program, ...args], { cwd: root, env, timeout: 60_000 }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    )
  })
}
async function report(...args: string[]): Promise<{ code: number; report: RunReport }> {
  const { code, out, err } = await cli('run', ...args, '--json')
  expect(err).toBe('')
  return { code, report: JSON.parse(out) as RunReport }
}

const GOOD = [
  '01-packet-pool',
  '02-dpr-noninterlocked',
  '03-buffers',
  '04-net-buffer-pool',
  '05-spin-lock',
  '10-configuration',
]
/** Rule, function and a piece of the line that the report must name. */
const FAULTY = [
  ['06-bug-wrong-free-form', 'NonInterlockedPairing', 'NdisFreePacket', 'NdisFreePacket(Packet.value)'],
  ['07-bug-release-order', 'DV:LockReleaseOrder', 'NdisReleaseSpinLock', 'NdisReleaseSpinLock(LockA)'],
  ['08-bug-leak-at-unload', 'DV:LeakAtUnload', '', 'NdisAllocatePacketPool('],
  ['09-bug-use-after-free', 'DV:SpecialPoolUseAfterFree', 'DriverEntry', 'packet.Private.TotalLength ='],
] as const

let folder: string
const write = async (name: string, text: string) => {
  const file = path.join(folder, name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
  return file
}
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('run, on the examples', () => {
  it.each(GOOD)('%s is clean', async (name) => {
    const { code, report: result } = await report(`examples/${name}.ts`)
    expect(result).toMatchObject({ outcome: 'clean', violations: [], bugcheck: null, leaks: [] })
    expect(result.traceHash).toMatch(/^[0-9a-f]{16}$/)
    expect(code).toBe(0)
  })

  it.each(FAULTY)('%s breaks %s at its line', async (name, rule, where, text) => {
    const { code, report: result } = await report(`examples/${name}.ts`)
    expect(code).toBe(1)
    const lines = (await readFile(path.join(root, `examples/${name}.ts`), 'utf8')).split('\n')
    const found = result.violations.find((violation) => violation.rule === rule)
    expect(found).toBeDefined()
    expect(found?.function).toBe(where || found?.function)
    expect(found?.file).toBe(`${name}.ts`)
    const marked = result.violations.filter((violation) => violation.rule === rule).map(({ line }) => lines[line - 1])
    expect(marked.join('\n')).toContain(text)
  })

  it('gives the same trace for the same seed', async () => {
    const runs = await Promise.all([1, 2].map(() => report('examples/02-dpr-noninterlocked.ts', '--seed', '42')))
    const [first, second] = runs.map(({ report: result }) => result.traceHash)
    expect(first).toMatch(/^[0-9a-f]{16}$/)
    expect(second).toBe(first)
  })

  it('explains a finding to a person', async () => {
    const { code, out } = await cli('run', 'examples/06-bug-wrong-free-form.ts')
    expect(code).toBe(1)
    expect(out).toMatch(/VIOLATION NonInterlockedPairing/)
    expect(out).toMatch(/examples\/06-bug-wrong-free-form\.ts:\d+:\d+/)
    expect(out).toMatch(/> \d+ \| +NdisFreePacket\(Packet\.value\)/)
    expect(out).toMatch(/1 violation {2}seed 1 · .* traceHash [0-9a-f]{16}/)
  })

  it.each(GOOD)('%s has right types', async (name) => {
    const { code, err } = await cli('run', `examples/${name}.ts`, '--check')
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })
})

describe('run, with a configuration', () => {
  const copy = async (configuration: string) => {
    const text = await readFile(path.join(root, 'examples/10-configuration.ts'), 'utf8')
    await write('configured/driver.config.json', configuration)
    return write('configured/driver.ts', text)
  }

  it('gives the keywords of the file beside the script to the driver', async () => {
    const { code, report: result } = await report('examples/10-configuration.ts')
    expect(result.output).toEqual(['RingSize is 64', 'address 6 bytes, first 2'])
    expect(code).toBe(0)
  })

  it('lets --keyword win; another configuration is another run, the same one the same', async () => {
    const runs = ['64', '0x80', '128'].map((value) =>
      report('examples/10-configuration.ts', '--keyword', `ringsize=${value}`),
    )
    const [file, first, second] = (await Promise.all(runs)).map(({ report: result }) => result)
    expect(first?.output[0]).toBe('RingSize is 128')
    expect(second?.traceHash).toBe(first?.traceHash)
    expect(file?.traceHash).not.toBe(first?.traceHash)
    expect(file?.traceHash).toBe((await report('examples/10-configuration.ts')).report.traceHash)
  })

  it('names line and column of what is wrong in the file, and shows it', async () => {
    const file = await copy('{\n  "keywords": {\n    "RingSize": "64",\n  }\n}\n')
    const { code, report: result } = await report(file)
    expect(code).toBe(2)
    expect(result.error).toMatchObject({ code: 'configuration', file: 'driver.config.json', line: 4, column: 3 })
    const { out } = await cli('run', path.dirname(file))
    expect(out).toMatch(/ERROR configuration {2}.*driver\.config\.json:4:3\n/)
    expect(out).toMatch(/> 4 \| {3}}/)
  })
})

describe('run, with rules that are not as they come', () => {
  const DRIVER = [
    "import { NdisAllocateMemoryWithTag, NdisFreeMemory, out } from 'ndis'",
    'export function DriverEntry(): number {',
    '  const Memory = out<number>()',
    '  NdisAllocateMemoryWithTag(Memory, 16, 0x31676154)',
    '  NdisFreeMemory(Memory.value, 16, 0)',
    '  for (let i = 0; i < 3; i++) NdisFreeMemory(Memory.value, 16, 0)',
    '  return 0',
    '}',
  ]
  const written = (name: string, comment = '') =>
    write(`${name}/driver.ts`, DRIVER.map((line, index) => (index === 5 ? `${line} ${comment}` : line)).join('\n'))

  it('counts what happens again at the same place', async () => {
    const { code, out } = await cli('run', await written('counted'), '--no-color')
    expect(code).toBe(1)
    expect(out).toMatch(/VIOLATION DV:DoubleFree .*, 3 times\n/)
    expect(out).toMatch(/\n1 violation \(3 times\) {2}seed/)
  })

  it('takes levels from the file beside the script, and --rule in their place', async () => {
    const driver = await written('levels')
    await write('levels/driver.config.json', '{ "rules": { "DV:*": "off" } }')
    expect(await report(driver)).toMatchObject({ code: 0, report: { outcome: 'clean', violations: [], broken: 0 } })
    const again = await report(driver, '--rule', 'DV:DoubleFree=log')
    expect(again).toMatchObject({ code: 1, report: { violations: [{ rule: 'DV:DoubleFree', count: 3 }], broken: 3 } })
  })

  it('refuses a rule that there is not, and says which was meant', async () => {
    const { code, out } = await cli('run', await written('unknown'), '--rule', 'DoubelFree=off', '--no-color')
    expect(code).toBe(2)
    expect(out).toContain("there is no rule 'DoubelFree'; did you mean DV:DoubleFree?")
  })

  it('is clean where the script accepts a place, and lists it', async () => {
    const driver = await written('accepted', '// ndis-accept DV:DoubleFree: a lesson')
    const { code, out } = await cli('run', driver, '--no-color')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^accepted {2}DV:DoubleFree, 3 times at .*driver\.ts:6:31: a lesson\n\nclean, 1 accepted {2}seed/,
    )
  })
})

describe('run, on drivers that cannot run', () => {
  const driver = (body: string) => `export function DriverEntry() {\n  ${body}\n  return 0\n}\n`

  it.each([
    ['a syntax error', 'let a = ;', 'syntax', 2],
    ['an endless list', 'const a = []; for (;;) a.push(new Array(1000).fill(1))', 'out-of-memory', undefined],
  ])('%s', async (_, body, code, line) => {
    const file = await write(`${code}.ts`, driver(body))
    const { code: exit, report: result } = await report(file)
    expect(exit).toBe(2)
    expect(result.outcome).toBe('error')
    expect(result.error).toMatchObject({ code, ...(line && { line, file: `${code}.ts` }) })
  })

  it('breaks off what does not end, and keeps what was found until then', async () => {
    const file = await write(
      'endless.ts',
      `import { DbgPrint, NdisFreePacket } from 'ndis'\n${driver("NdisFreePacket(64); DbgPrint('on\\n'); for (;;);")}`,
    )
    const { code, report: result } = await report(file, '--timeout', '1')
    expect(code).toBe(2)
    expect(result.error).toMatchObject({ code: 'timeout', file: 'endless.ts', line: 3 })
    expect(result.violations.map(({ rule }) => rule)).toEqual(['DV:FreeUnallocated'])
    expect(result.output).toEqual(['on'])
  })

  it('refuses Node, naming the line', async () => {
    const file = await write('node.ts', `// a comment\nimport fs from 'node:fs'\n${driver('')}`)
    const { code, report: result } = await report(file)
    expect(code).toBe(2)
    expect(result.error).toMatchObject({ code: 'import-refused', line: 2, file: 'node.ts' })
    expect(result.error?.message).toContain('node:fs')
  })

  it('names a missing file, the driver itself or one that it imports', async () => {
    expect((await report(path.join(folder, 'none.ts'))).report.error?.code).toBe('file-not-found')
    const file = await write('importer.ts', `import './nowhere'\n${driver('')}`)
    const { code, report: result } = await report(file)
    expect(code).toBe(2)
    expect(result.error).toMatchObject({ code: 'file-not-found', line: 1 })
  })

  it('never shows our own stack, whatever the driver does', async () => {
    const file = await write('throws.ts', driver(`throw { toString() { throw new Error('twice') } }`))
    const { code, out, err } = await cli('run', file)
    expect(code).not.toBe(0)
    expect(out + err).not.toMatch(/\bat .*(out\/node|node_modules|node:internal)/)
  })
})

describe('run, on a folder', () => {
  it('follows relative imports', async () => {
    await write(
      'drv/driver.ts',
      `import { answer } from './lib/answer'\nexport function DriverEntry() { return answer }\n`,
    )
    await write('drv/lib/answer.ts', 'export const answer: number = 0\n')
    expect(await report(path.join(folder, 'drv'))).toMatchObject({ code: 0, report: { outcome: 'clean' } })
  })
})

it('apis lists the interface', async () => {
  const { code, out } = await cli('apis', '--json')
  expect(code).toBe(0)
  const entries = JSON.parse(out) as { name: string; implemented: boolean; irql: string | null; spec: string | null }[]
  expect(entries.find(({ name }) => name === 'NdisAllocatePacket')).toMatchObject({
    implemented: true,
    irql: '<=DISPATCH_LEVEL',
    spec: expect.stringMatching(/\.spec\.ts$/),
  })
  expect(entries.length).toBeGreaterThan(800)
})

it('--version and a pipe that closes early are no failure', async () => {
  expect(await cli('--version')).toMatchObject({ code: 0, err: '' })
})
