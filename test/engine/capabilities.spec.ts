import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CAPABILITIES } from '../../src/debug/adapter/capabilities'
import { DapSession, DRIVER } from './dap-session'

let session: DapSession
beforeEach(() => {
  session = new DapSession()
})
afterEach(() => session.close())

const TEXT = `import { NdisAllocateMemoryWithTag, NdisFreeMemory, NdisAllocatePacketPool, NdisFreePacketPool, bytes, out, DbgPrint } from 'ndis'
export function DriverEntry(): number {
  const Memory = out<number>()
  NdisAllocateMemoryWithTag(Memory, 64, 0x31747354)
  const view = bytes(Memory.value, 64)
  view[0] = 0xab
  view[1] = 0xcd
  let count = 1
  count++
  DbgPrint('count %d, first %x\\n', count, view[0])
  NdisFreeMemory(Memory.value, 64, 0)
  return 0
}
`
const TAG_TST1 = 'Tst1'

/** Stands before line 10, which prints: V8 keeps a value that the line before left in its accumulator, as on `count++`. */
async function atCount(): Promise<void> {
  await session.launch(TEXT, (s) => s.setBreakpoints(10))
  await session.stopped()
}
const toTheEnd = async (): Promise<void> => {
  await session.request('continue', { threadId: 1 })
  await session.event('terminated')
}
async function memoryAddress(): Promise<string> {
  const text = await session.evaluate('Memory.value', 'repl')
  return /0x[0-9a-f]+/.exec(text)?.[0] ?? `0x${Number(text).toString(16)}`
}

describe('memory', () => {
  test('readMemory gives the very bytes that the driver wrote', async () => {
    await atCount()
    const body = await session.request<{ data: string; address: string }>('readMemory', {
      memoryReference: await memoryAddress(),
      count: 4,
    })
    expect([...Buffer.from(body.data, 'base64')]).toEqual([0xab, 0xcd, 0xcb, 0xcb])
  })
  test('readMemory beyond the end of memory says how much cannot be read', async () => {
    await atCount()
    const body = await session.request('readMemory', { memoryReference: '0xfffffff0', count: 8 })
    expect(body).toMatchObject({ unreadableBytes: 8 })
  })
  test('writeMemory is seen by the driver', async () => {
    await atCount()
    const data = Buffer.from([0x77]).toString('base64')
    expect(await session.request('writeMemory', { memoryReference: await memoryAddress(), data })).toMatchObject({
      bytesWritten: 1,
    })
    await toTheEnd()
    expect(session.output()).toContain('first 77')
  })
})

describe('values', () => {
  test('setVariable changes a local of the driver', async () => {
    await atCount()
    const [top] = await session.frames()
    const { scopes } = await session.request<{ scopes: { variablesReference: number }[] }>('scopes', {
      frameId: top!.id,
    })
    const holding = await Promise.all(
      scopes.map(async ({ variablesReference }) => ({
        variablesReference,
        has: (await session.variables(variablesReference)).some(({ name }) => name === 'count'),
      })),
    )
    const { variablesReference } = holding.find(({ has }) => has)!
    await session.request('setVariable', { variablesReference, name: 'count', value: '42' })
    await toTheEnd()
    expect(session.output()).toContain('count 42')
  })
  test('a hover has no side effects, the console may have some', async () => {
    await atCount()
    const [top] = await session.frames()
    const hover = await session.ask('evaluate', { expression: 'count = 10', frameId: top!.id, context: 'hover' })
    expect(hover['success']).toBe(false)
    expect(await session.evaluate('count')).toBe('2')
    await session.evaluate('count = 10', 'repl')
    await toTheEnd()
    expect(session.output()).toContain('count 10')
  })
})

describe('sources', () => {
  test('loadedSources and source', async () => {
    await atCount()
    expect(await session.request('loadedSources')).toMatchObject({ sources: [{ path: DRIVER }] })
    const body = await session.request('source', { source: { path: DRIVER }, sourceReference: 0 })
    expect(body).toMatchObject({ content: TEXT })
  })
  test('breakpointLocations names the lines that can be stopped at', async () => {
    await atCount()
    const { breakpoints } = await session.request<{ breakpoints: { line: number; column?: number }[] }>(
      'breakpointLocations',
      { source: { path: DRIVER }, line: 2, endLine: 20 },
    )
    expect(breakpoints.map(({ line }) => line)).toEqual(expect.arrayContaining([3, 4, 9, 12]))
    expect(breakpoints.every(({ line }) => line <= 13)).toBe(true)
  })
})

describe('life', () => {
  test('restart runs the driver again, to the same breakpoint, and ends only once', async () => {
    await atCount()
    await session.request('restart', {})
    expect(await session.stopped()).toMatchObject({ reason: 'breakpoint' })
    expect(session.events('terminated')).toHaveLength(0)
    await toTheEnd()
    expect(session.events('terminated')).toHaveLength(1)
  })
  test('a driver that cannot be loaded refuses launch with the line', async () => {
    await session.launch('export function DriverEntry( {\n}\n').then(
      () => expect.fail('the launch should have failed'),
      (error: Error) => expect(error.message).toMatch(/driver\.ts:[12]/),
    )
  })
  test('a request that nobody knows is refused by name', async () => {
    const answer = await session.ask('disassemble', {})
    expect(answer).toMatchObject({ success: false, message: expect.stringContaining('disassemble') })
  })
})

const THROWS = `export function DriverEntry(): number {
  const nothing = JSON.parse('null')
  return nothing.length
}
`
const LEAKS = `import { NdisAllocatePacketPool, NdisFreePacketPool, out } from 'ndis'
export function DriverEntry(): number {
  const Status = out<number>(), Pool = out<number>()
  NdisAllocatePacketPool(Status, Pool, 4, 16)
  NdisFreePacketPool(Pool.value)
  NdisFreePacketPool(Pool.value)
  return 0
}
`
describe('exceptions', () => {
  const filters =
    (...names: string[]) =>
    (s: DapSession) =>
      s.request('setExceptionBreakpoints', { filters: names })

  test('an uncaught exception stops on its line, and exceptionInfo repeats its words', async () => {
    await session.launch(THROWS, filters('uncaught'))
    expect(await session.stopped()).toMatchObject({ reason: 'exception' })
    expect(await session.place()).toBe('DriverEntry:3')
    expect(JSON.stringify(await session.request('exceptionInfo', { threadId: 1 }))).toContain('null')
  })
  test('a broken rule or a bugcheck stops at the call that caused it', async () => {
    await session.launch(LEAKS, filters('violations', 'bugchecks'))
    expect(await session.stopped()).toMatchObject({ reason: 'exception' })
    expect(await session.place()).toBe('DriverEntry:6')
    const info = await session.request('exceptionInfo', { threadId: 1 })
    expect(info).toMatchObject({ exceptionId: expect.any(String), description: expect.any(String) })
  })
  const options = (condition: string) => (s: DapSession) =>
    s.request('setExceptionBreakpoints', { filters: [], filterOptions: [{ filterId: 'violations', condition }] })

  test('a condition names the rules that stop', async () => {
    await session.launch(LEAKS, options('SpinLock, *PoolHandle'))
    expect(await session.stopped()).toMatchObject({ reason: 'exception', text: expect.stringContaining('PoolHandle') })
    expect(await session.place()).toBe('DriverEntry:6')
  })
  test('a condition that names others stops nothing', async () => {
    await session.launch(LEAKS, options('SpinLock'))
    await session.event('terminated')
    expect(session.events('stopped')).toEqual([])
  })
  test('a condition that names no rule is answered with what may have been meant', async () => {
    let answer: unknown
    await session.launch(LEAKS, async (s) => (answer = await options('SpinLok')(s)))
    expect(answer).toEqual({
      breakpoints: [{ verified: false, message: "there is no rule 'SpinLok'; did you mean SpinLock?" }],
    })
  })
  test('rules of level break stop without being named, and a run may say which those are', async () => {
    await session.launch(LEAKS, filters('breaks'), { config: { levels: { '*': 'log', '*PoolHandle': 'break' } } })
    expect(await session.stopped()).toMatchObject({ reason: 'exception' })
    expect(await session.place()).toBe('DriverEntry:6')
  })
  test('the rules are there to choose from', async () => {
    const { rules } = await session.request<{ rules: { name: string }[] }>('ndis/rules', {})
    expect(rules.find(({ name }) => name === 'DV:DoubleFree')).toMatchObject({
      level: 'break',
      mend: expect.any(String),
      watches: expect.arrayContaining(['NdisFreeMemory']),
    })
  })
})

describe('views of a stopped machine', () => {
  test('allocations, bytes, structs and events are read without the worker', async () => {
    await atCount()
    const { allocations } = await session.request<{ allocations: { tag: string; size: number; address: number }[] }>(
      'ndis/allocations',
      { start: 0, count: 100, filter: TAG_TST1 },
    )
    expect(allocations).toMatchObject([{ tag: TAG_TST1, size: 64, state: 'allocated' }])
    const memory = await session.request('ndis/memory', { address: allocations[0]!.address, count: 80 })
    expect(memory).toMatchObject({ kinds: expect.stringContaining('g') })
    const { total, rows } = await session.request<{ total: number; rows: { what: string }[] }>('ndis/events', {
      start: 0,
      count: 1000,
    })
    expect(total).toBe(rows.length)
    expect(rows.map(({ what }) => what)).toContain('NdisAllocateMemoryWithTag')
    const view = await session.request('ndis/struct', { address: allocations[0]!.address, struct: 'NDIS_SPIN_LOCK' })
    expect(view).toMatchObject({ size: 8 })
  })
})

test('what is advertised is listed here', () => {
  const flags = Object.entries(CAPABILITIES).flatMap(([name, value]) => (value === true ? [name] : []))
  expect(flags.sort()).toEqual([
    'supportsBreakpointLocationsRequest', // sources
    'supportsConditionalBreakpoints', // debug.spec.ts, line breakpoints
    'supportsConfigurationDoneRequest', // every launch
    'supportsEvaluateForHovers', // values
    'supportsExceptionFilterOptions', // exceptions
    'supportsExceptionInfoRequest', // exceptions
    'supportsFunctionBreakpoints', // debug.spec.ts, call breakpoints
    'supportsHitConditionalBreakpoints', // debug.spec.ts, line breakpoints
    'supportsLoadedSourcesRequest', // sources
    'supportsLogPoints', // debug.spec.ts, line breakpoints
    'supportsReadMemoryRequest', // memory
    'supportsRestartRequest', // life
    'supportsSetVariable', // values
    'supportsTerminateRequest', // debug.spec.ts, the end
    'supportsWriteMemoryRequest', // memory
  ])
})
