import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeMessage, MessageReader } from '../../src/debug/dap/framing'
import { findProduct } from '../../src/host/product'
import { DapSession } from './dap-session'

let session: DapSession
beforeEach(() => {
  session = new DapSession()
})
afterEach(() => session.close())

const filters = (...names: string[]) => session.request('setExceptionBreakpoints', { filters: names })

/** Frees a block twice on line 6. */
const DOUBLE_FREE = `import { NdisAllocateMemoryWithTag, NdisFreeMemory, out } from 'ndis'
export function DriverEntry(): number {
  const Block = out<number>()
  NdisAllocateMemoryWithTag(Block, 64, 0x31747354)
  NdisFreeMemory(Block.value, 64, 0)
  NdisFreeMemory(Block.value, 64, 0)
  return 0
}
`
const THROWS = `export function DriverEntry(): number {
  try {
    thrower('caught')
  } catch {}
  const caught = true
  return thrower('not caught')
}
function thrower(text: string): number {
  throw new Error(text)
}
`

describe('exceptions', () => {
  test('a broken rule stops at the call that broke it, with its explanation', async () => {
    await session.launch(DOUBLE_FREE, () => filters('violations'))
    const stop = await session.stopped()
    expect(stop).toMatchObject({ reason: 'exception', text: expect.stringContaining('DoubleFree') })
    expect(await session.place()).toBe('DriverEntry:6')
    const info = await session.request<{ exceptionId: string; details: { stackTrace: string } }>('exceptionInfo', {
      threadId: 1,
    })
    expect(info).toMatchObject({ exceptionId: expect.stringContaining('DoubleFree'), breakMode: 'always' })
    expect(info.details.stackTrace).toContain('DriverEntry (driver.ts:6:3)')
    expect(session.events('ndis/violation')).toMatchObject([{ file: 'driver.ts', line: 6 }])
    await session.request('continue', { threadId: 1 })
    expect((await session.report()).outcome).not.toBe('clean')
  })

  test('what the driver catches itself does not stop it, what it does not catch stops where it is thrown', async () => {
    await session.launch(THROWS, () => filters('uncaught'))
    expect(await session.stopped()).toMatchObject({ reason: 'exception', text: 'Error: not caught' })
    expect(await session.place()).toBe('thrower:9')
    expect((await session.frames()).map(({ line }) => line)).toEqual([9, 6])
    expect(await session.request('exceptionInfo', { threadId: 1 })).toMatchObject({ description: 'not caught' })
  })

  test('a bugcheck stops; its frames are gone, so they come from its report', async () => {
    await session.launch(THROWS, () => filters('bugchecks'))
    expect(await session.stopped()).toMatchObject({ reason: 'exception', description: 'Bugcheck' })
    expect((await session.frames()).map(({ line }) => line)).toEqual([9, 6])
    expect(await session.request('exceptionInfo', { threadId: 1 })).toMatchObject({
      exceptionId: 'KMODE_EXCEPTION_NOT_HANDLED',
    })
    await session.request('continue', { threadId: 1 })
    expect(await session.report()).toMatchObject({ outcome: 'bugcheck' })
    expect(await session.request('ndis/machine', {})).toMatchObject({ state: 'bugchecked' })
  })

  test('an injected fault stops at the call that is made to fail', async () => {
    const config = { faults: { allocations: { nth: 1 } } }
    await session.launch(DOUBLE_FREE, () => filters('faults'), { config })
    expect(await session.stopped()).toMatchObject({
      reason: 'exception',
      description: 'A fault is injected',
      text: 'NdisAllocateMemoryWithTag is made to fail.',
    })
    expect(await session.place()).toBe('DriverEntry:4')
    expect(await session.request('exceptionInfo', { threadId: 1 })).toMatchObject({ exceptionId: 'InjectedFault' })
    await session.request('continue', { threadId: 1 })
    expect((await session.report()).faults).toMatchObject([{ function: 'NdisAllocateMemoryWithTag' }])
  })

  test('without filters nothing stops, and all of it is in the report', async () => {
    await session.launch(DOUBLE_FREE)
    expect((await session.report()).violations).not.toEqual([])
    expect(session.events('stopped')).toEqual([])
    await expect(session.request('exceptionInfo', { threadId: 1 })).rejects.toThrow('not stopped at an exception')
  })
})

const PRINTS = `import { DbgPrint } from 'ndis'
export function DriverEntry(): number {
  DbgPrint('one\\n')
  DbgPrint('two\\n')
  return 0
}
`

describe('a session', () => {
  test('names the line that printed', async () => {
    await session.launch(PRINTS)
    await session.event('terminated')
    expect(session.events('output')).toMatchObject([
      { category: 'stdout', output: 'one\n', line: 3, source: { path: 'untitled:1' } },
      { category: 'stdout', output: 'two\n', line: 4 },
    ])
  })

  test('refuses a driver that cannot be loaded: in the answer to launch, on stderr, in the report', async () => {
    const launched = session.launch(`import { Nothing } from 'ndis'\n`)
    await expect(launched).rejects.toThrow("driver.ts:1: 'ndis' has no export named 'Nothing'")
    expect(session.events('ndis/report')).toMatchObject([{ report: { error: { code: 'unknown-export', line: 1 } } }])
    expect(session.output('stderr')).toContain('Nothing')
    expect(session.events('exited')).toEqual([{ exitCode: 2 }])
  })
  test('refuses a driver that is not there, and launch without a program', async () => {
    await session.request('initialize', { adapterID: 'ndis' })
    await expect(session.request('launch', { program: '/no/such/driver.ts' })).rejects.toThrow('no such file')
    await expect(session.request('launch', {})).rejects.toThrow('program')
  })
  test('answers requests that nobody knows', async () => {
    for (const command of ['gotoTargets', 'constructor', '__proto__', 'toString'])
      expect(await session.ask(command)).toMatchObject({ success: false, message: `'${command}' is not supported` })
  })

  test('restarts with its breakpoints, stopped or running, without a word of its end', async () => {
    await session.launch(PRINTS, (s) => s.setBreakpoints(4))
    await session.stopped()
    await session.request('restart', {})
    expect(await session.stopped()).toMatchObject({ reason: 'breakpoint' })
    expect(await session.place()).toBe('DriverEntry:4')
    expect(session.events('terminated')).toEqual([])
    await session.request('restart', {
      arguments: { program: 'untitled:1', overlays: { 'driver.ts': `//\n${PRINTS}` } },
    })
    await session.stopped()
    expect(await session.evaluate('1 + 1')).toBe('2')
    await session.request('continue', { threadId: 1 })
    await session.event('terminated')
    expect(session.events('terminated')).toHaveLength(1)
  })

  test('takes conditions, hit counts and logpoints while the driver stands still; takes compiled ones back', async () => {
    const loop = `export function DriverEntry() {\n  let sum = 0\n  for (let i = 0; i < 20; i++) {\n    sum += i\n  }\n  return 0\n}\n`
    await session.launch(loop, (s) => s.setBreakpoints({ line: 4, condition: 'i === 2' }))
    await session.stopped()
    expect(await session.evaluate('i')).toBe('2')
    const { breakpoints } = await session.setBreakpoints(
      { line: 4, condition: 'i % 2 === 0', hitCondition: '3' },
      { line: 4, logMessage: 'sum {sum}' },
      { line: 4, condition: '1 +' },
      { line: 6, hitCondition: 'often' },
    )
    expect(breakpoints).toMatchObject([
      { verified: true, line: 4 },
      { verified: true, line: 4 },
      { verified: false, message: expect.stringContaining('1 +') },
      { verified: false, message: expect.stringContaining('often') },
    ])
    await session.move('continue')
    expect(await session.evaluate('i')).toBe('8')
    await session.setBreakpoints()
    await session.request('continue', { threadId: 1 })
    await session.event('terminated')
    expect(session.output('console')).toBe('sum 3\nsum 6\nsum 10\nsum 15\nsum 21\nsum 28\n')
  })

  test('works on files: breakpoints in what the driver imports, by path', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ndis-debug-'))
    try {
      writeFileSync(
        path.join(folder, 'driver.ts'),
        `import { twice } from './lib'\nexport function DriverEntry() {\n  return twice(0)\n}\n`,
      )
      writeFileSync(path.join(folder, 'lib.ts'), `export function twice(n: number) {\n  return n * 2\n}\n`)
      writeFileSync(path.join(folder, 'other.ts'), `export const nobody = 1\n`)
      const lib = path.join(folder, 'lib.ts')
      const set = (name: string, line: number) =>
        session.request('setBreakpoints', { source: { path: path.join(folder, name) }, breakpoints: [{ line }] })
      await session.launch('', async () => Promise.all([set('lib.ts', 2), set('other.ts', 1)]), {
        program: path.join(folder, 'driver.ts'),
        overlays: {},
      })
      await session.stopped()
      expect((await session.frames())[0]).toMatchObject({
        name: 'twice',
        line: 2,
        source: { path: lib, name: 'lib.ts' },
      })
      await session.move('stepOut')
      expect(await session.place()).toBe('DriverEntry:3')
      expect(session.events('breakpoint')).toContainEqual({
        reason: 'changed',
        breakpoint: expect.objectContaining({
          verified: false,
          message: expect.stringContaining('not part of the driver'),
        }),
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('two at a time do not hear of each other', async () => {
    const other = new DapSession()
    try {
      await Promise.all([
        session.launch(PRINTS, (s) => s.setBreakpoints(3)),
        other.launch(PRINTS, (s) => s.setBreakpoints(4)),
      ])
      await Promise.all([session.stopped(), other.stopped()])
      expect(await session.place()).toBe('DriverEntry:3')
      expect(await other.place()).toBe('DriverEntry:4')
      await session.request('terminate')
      expect(await other.place()).toBe('DriverEntry:4')
    } finally {
      other.close()
    }
  })
})

describe('ndis-workbench dap', () => {
  const cli = path.join(path.dirname(fileURLToPath(findProduct(import.meta.url).engineWorker)), 'cli.js')
  const initialize = encodeMessage({ seq: 1, type: 'request', command: 'initialize', arguments: {} } as never)

  test('speaks over standard input and output, and ends when the client leaves', async () => {
    const child = spawn(process.execPath, [cli, 'dap'], { stdio: ['pipe', 'pipe', 'inherit'] })
    const reader = new MessageReader()
    const first = new Promise<unknown[]>((resolve) => {
      const messages: unknown[] = []
      child.stdout.on('data', (chunk: Buffer) => {
        messages.push(...reader.push(chunk))
        if (messages.length >= 2) resolve(messages)
      })
    })
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.stdin.write(initialize)
    expect(await first).toMatchObject([{ command: 'initialize', success: true }, { event: 'initialized' }])
    child.stdin.end()
    expect(await exited).toBe(0)
  })

  test('serves editors on a port; one that speaks something else is turned away, the next is served', async () => {
    const child = spawn(process.execPath, [cli, 'dap', '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] })
    try {
      const port = await new Promise<number>((resolve) =>
        child.stdout.on('data', (chunk: Buffer) => {
          const found = /:(\d+)\n/.exec(chunk.toString())
          if (found) resolve(Number(found[1]))
        }),
      )
      const bad = connect(port, '127.0.0.1')
      const closed = new Promise((resolve) => bad.once('close', resolve))
      bad.write('GET / HTTP/1.1\r\n\r\n')
      await closed
      const good = connect(port, '127.0.0.1')
      good.write(initialize)
      const reader = new MessageReader()
      const answer = await new Promise((resolve) =>
        good.on('data', (chunk: Buffer) => {
          const [message] = reader.push(chunk)
          if (message) resolve(message)
        }),
      )
      expect(answer).toMatchObject({ type: 'response', success: true })
      good.destroy()
    } finally {
      child.kill()
    }
  })
})
