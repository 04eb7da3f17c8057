/** After a bugcheck the machine stands still, and everything can be looked at. */
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MachineView } from '../../src/shared/views'
import { DapSession, type Body, type Frame } from './dap-session'

let session: DapSession
beforeEach(() => {
  session = new DapSession()
})
afterEach(() => session.close())

const CRASH_LINE = 18
/** A packet pool, a block, a lock that is held and a NIC; then `crash`, in line 18, two frames deep. */
const driver = (
  crash: string,
): string => `import { KeBugCheckEx, UINT, NDIS_SPIN_LOCK, NdisAcquireSpinLock, NdisReleaseSpinLock, NdisAllocateSpinLock, NdisAllocateMemoryWithTag, NdisAllocatePacketPool, NdisAllocatePacket, NdisFreeMemory, storage, out, bytes, DbgPrint } from 'ndis'
const Lock = storage(NDIS_SPIN_LOCK)
export function DriverEntry(): number {
  const Status = out<number>(), Pool = out<number>(), Packet = out<number>(), Block = out<number>()
  NdisAllocatePacketPool(Status, Pool, 4, 16)
  NdisAllocatePacket(Status, Packet, Pool.value)
  NdisAllocateMemoryWithTag(Block, 64, 0x31747354)
  bytes(Block.value, 64).fill(7)
  NdisAllocateSpinLock(Lock)
  NdisAcquireSpinLock(Lock)
  work(Block.value)
  return 0
}
function work(block: number): void {
  const inner = 43
  const view = bytes(block, 4)
  try {
    ${crash}
  } catch {
    DbgPrint('caught\\n')
  } finally {
    NdisReleaseSpinLock(Lock)
  }
  DbgPrint('went on %d %d\\n', inner, view[0])
}
`

interface Crash {
  readonly what: string
  readonly crash: string
  readonly name: string
  readonly code: number
  readonly parameters?: readonly number[]
  /** Rules of level break at which it stops on the way. */
  readonly rules: readonly string[]
}
const CRASHES: readonly Crash[] = [
  {
    what: 'the driver stops the system itself',
    crash: 'KeBugCheckEx(0xe2, 1, 2, 3, 4)',
    name: 'MANUALLY_INITIATED_CRASH',
    code: 0xe2,
    parameters: [1, 2, 3, 4],
    rules: [],
  },
  {
    what: 'a touch of memory that is not there',
    crash: 'UINT.at(0x10).value = 5',
    name: 'DRIVER_IRQL_NOT_LESS_OR_EQUAL',
    code: 0xd1,
    parameters: [0x10, 2, 1, 0],
    rules: ['NullCheck'],
  },
  {
    what: 'a deadlock',
    crash: 'NdisAcquireSpinLock(Lock)',
    name: 'SPIN_LOCK_ALREADY_OWNED',
    code: 0x0f,
    rules: ['SpinLock'],
  },
]

const reportOf = (body: Body) => body['report'] as { outcome: string; bugcheck: unknown; output: unknown }
const view = <T>(command: string, args: object = {}) => session.request<T>(command, args)

/** Runs to the bugcheck, past the rules that are broken on the way; their names. */
async function toBugcheck(): Promise<{ stop: Body; passed: string[] }> {
  const passed: string[] = []
  for (;;) {
    const stop = await session.stopped()
    if (stop['description'] === 'Bugcheck') return { stop, passed }
    passed.push(String(stop['text']).split(':')[0]!)
    await session.request('continue', { threadId: 1 })
  }
}
const crash = async (text: string): Promise<{ stop: Body; passed: string[] }> => {
  await session.launch(
    driver(text),
    (s) => s.request('setExceptionBreakpoints', { filters: ['breaks', 'bugchecks', 'uncaught'] }),
    { config: { nics: ['teaching'], levels: { '*': 'log', NullCheck: 'break', SpinLock: 'break' } } },
  )
  return toBugcheck()
}

/** All that can be seen of the machine, as text. */
async function picture(): Promise<string> {
  const { address } = (await view<{ allocations: { address: number }[] }>('ndis/allocations', { start: 0, count: 10 }))
    .allocations[1]!
  const views = [
    await view<MachineView>('ndis/machine'),
    await view('ndis/pools'),
    await view('ndis/locks'),
    await view('ndis/nics'),
    await view('ndis/registers', { slot: 0, offsets: [0, 4, 8] }),
    await view('ndis/ring', { slot: 0, ring: 'SEND', count: 1 }).catch((error: Error) => error.message),
    await view('ndis/allocations', { start: 0, count: 100 }),
    await view('ndis/events', { start: 0, count: 1000 }),
    await view('ndis/memory', { address, count: 64 }),
    await view('ndis/struct', { address, struct: 'NDIS_SPIN_LOCK' }),
    await view('readMemory', { memoryReference: `0x${address.toString(16)}`, count: 4 }),
  ]
  // The state says 'stopped' first and 'bugchecked' when the run has ended.
  return JSON.stringify(views).replace(/"state":"(stopped|bugchecked)"/, '')
}

describe.each(CRASHES)('$what', ({ crash: text, name, code, parameters, rules }) => {
  test('stops with its reason, where the driver stands, with all of its frames and values', async () => {
    const { stop, passed } = await crash(text)
    expect(passed).toEqual(rules)
    expect(stop).toMatchObject({ reason: 'exception', text: expect.stringContaining(`${name}: `) })
    expect(session.events('ndis/bugcheck')).toMatchObject([{ code, name, ...(parameters && { parameters }) }])
    const { threads } = await session.request<{ threads: { id: number; name: string }[] }>('threads')
    expect(threads).toMatchObject([{ id: stop['threadId'], name: 'CPU 0: thread DriverEntry (PASSIVE_LEVEL)' }])
    const frames = await session.frames()
    expect(frames.map((frame: Frame) => `${frame.name}:${frame.line}`)).toEqual([
      `work:${CRASH_LINE}`,
      'DriverEntry:11',
    ])
    const local = await session.scope('Local')
    expect(local.get('inner')?.value).toBe('43')
    expect(await session.variables(local.get('view')!.variablesReference)).not.toEqual([])
    expect(await session.evaluate('inner + view[0]')).toBe('50')
    expect(await session.request('exceptionInfo', { threadId: 1 })).toMatchObject({ exceptionId: name })
  })

  test('shows pools, locks, allocations, NICs, memory and events as they were', async () => {
    await crash(text)
    expect(await view('ndis/machine')).toMatchObject({ state: 'stopped', cpus: [{ irql: 2, locksHeld: 1 }] })
    expect(await view('ndis/locks')).toMatchObject({ locks: [{ state: 'held', acquiredAt: { line: 10 } }] })
    expect(await view('ndis/pools')).toMatchObject({ pools: [{ inUse: 1, capacity: 4 }] })
    expect(await view('ndis/nics')).toMatchObject({ nics: [{ name: 'teaching NIC' }] })
    const { allocations } = await view<{ allocations: { tag: string; address: number }[] }>('ndis/allocations', {
      start: 0,
      count: 10,
      filter: 'Tst1',
    })
    expect(allocations).toMatchObject([{ tag: 'Tst1', state: 'allocated' }])
    const { data } = await view<{ data: string }>('ndis/memory', { address: allocations[0]!.address, count: 4 })
    expect([...Buffer.from(data, 'base64')]).toEqual([7, 7, 7, 7])
    const { rows } = await view<{ rows: { what: string }[] }>('ndis/events', { start: 0, count: 1000 })
    expect(rows.at(-1)!.what).toBe('bugcheck')
  })

  test('stands still: what is asked for only looks, and nothing of the driver runs to the end', async () => {
    await crash(text)
    const before = await picture()
    for (const call of ['NdisReleaseSpinLock', 'DbgPrint', 'NdisAllocateMemoryWithTag'])
      await expect(session.evaluate(`${call}(Lock)`, 'repl')).rejects.toThrow(
        `${call} is not called: the machine stands still after a bugcheck`,
      )
    await expect(session.evaluate('work(block)', 'repl')).rejects.toThrow(`bugcheck ${name}`)
    expect(await session.evaluate('view[0]', 'repl')).toBe('7')
    await session.setBreakpoints(20, 22, 24)
    expect(await picture()).toBe(before)
    await session.request('continue', { threadId: 1 })
    const report = reportOf(await session.event('ndis/report'))
    expect(report).toMatchObject({ outcome: 'bugcheck', bugcheck: { code, name, line: CRASH_LINE }, output: [] })
    await session.event('terminated')
    expect(await picture()).toBe(before)
    expect(await view('ndis/machine')).toMatchObject({ state: 'bugchecked' })
  })
})

describe('what comes next', () => {
  const [{ crash: text }] = CRASHES as [Crash]

  test.each(['next', 'stepIn', 'stepOut'] as const)('%s ends the run: there is no next line', async (command) => {
    await crash(text)
    await session.request(command, { threadId: 1 })
    expect(reportOf(await session.event('ndis/report')).outcome).toBe('bugcheck')
    await session.event('terminated')
    expect(session.events('stopped')).toHaveLength(1)
    for (const gone of ['continue', 'next', 'stackTrace', 'scopes', 'evaluate'])
      expect(await session.ask(gone, { threadId: 1 })).toMatchObject({ message: 'the driver is not stopped' })
  })
  test('restart begins anew, from the stop and from the end', async () => {
    await crash(text)
    await session.request('restart', {})
    const again = await toBugcheck()
    expect(again.stop['text']).toContain('MANUALLY_INITIATED_CRASH')
    await session.request('continue', { threadId: 1 })
    await session.event('terminated')
    await session.request('restart', {})
    await toBugcheck()
    expect(await session.place()).toBe(`work:${CRASH_LINE}`)
    await session.request('terminate')
    await session.event('terminated')
  })
  test('what nobody offers is refused by name: data breakpoints, disassembly', async () => {
    await crash(text)
    for (const command of ['dataBreakpointInfo', 'setDataBreakpoints', 'disassemble'])
      expect(await session.ask(command, {})).toMatchObject({ message: `'${command}' is not supported` })
  })
})

/** DriverEntry sleeps; a timer goes off meanwhile. */
const TIMER = `import { KeBugCheckEx, NDIS_MINIPORT_TIMER, NdisInitializeTimer, NdisSetTimer, NdisMSleep, storage } from 'ndis'
export function DriverEntry(): number {
  const Timer = storage(NDIS_MINIPORT_TIMER)
  NdisInitializeTimer(Timer, expired, 7)
  NdisSetTimer(Timer, 1)
  NdisMSleep(5000)
  return 0
}
function expired(_: number, Context: number): void {
  KeBugCheckEx(0xe2, Context, 0, 0, 0)
}
`
test('a function that interrupts another one: both stand, each with its own frames', async () => {
  await session.launch(TIMER, (s) => s.request('setExceptionBreakpoints', { filters: ['bugchecks'] }))
  await toBugcheck()
  const { threads } = await session.request<{ threads: { id: number; name: string }[] }>('threads')
  expect(threads.map(({ name }) => name)).toEqual([
    expect.stringMatching(/^CPU 0: timer .* \(DISPATCH_LEVEL\)$/),
    'CPU 0: thread DriverEntry (PASSIVE_LEVEL)',
  ])
  const places = await Promise.all(threads.map(async ({ id }) => (await session.frames(id)).map(({ line }) => line)))
  expect(places).toEqual([[10], [6]])
  const [, outer] = await Promise.all(threads.map(async ({ id }) => (await session.frames(id))[0]!))
  expect(await session.request('evaluate', { expression: 'Timer > 0', frameId: outer!.id })).toMatchObject({
    result: 'true',
  })
  await session.request('continue', { threadId: 1 })
  expect(reportOf(await session.event('ndis/report'))).toMatchObject({ bugcheck: { parameters: [7, 0, 0, 0] } })
})

test('a pause that is never completed: NDIS stops the system, no function of the driver runs, and the rest is there', async () => {
  const program = path.resolve(import.meta.dirname, '../../examples/bugs/20-lists-held-over-a-pause.ts')
  await session.launch('', (s) => s.request('setExceptionBreakpoints', { filters: ['bugchecks'] }), {
    program,
    overlays: {},
  })
  const { stop } = await toBugcheck()
  expect(stop['text']).toContain('BUGCODE_NDIS_DRIVER: MiniportPause returned NDIS_STATUS_PENDING')
  expect(await session.request('threads')).toMatchObject({ threads: [{ name: 'CPU 0: idle' }] })
  expect(await session.frames()).toEqual([])
  expect(await session.ask('evaluate', { expression: '1' })).toMatchObject({
    message: 'no function of the driver runs here',
  })
  expect(await session.request('exceptionInfo', { threadId: 1 })).toMatchObject({ exceptionId: 'BUGCODE_NDIS_DRIVER' })
  expect(await view('ndis/pools')).toMatchObject({
    pools: expect.arrayContaining([expect.objectContaining({ inUse: 1 })]),
  })
  await session.request('next', { threadId: 1 })
  expect(reportOf(await session.event('ndis/report'))).toMatchObject({
    outcome: 'bugcheck',
    bugcheck: { code: 0x7c, parameters: [0x25, 0x21, expect.any(Number), 0] },
  })
})
