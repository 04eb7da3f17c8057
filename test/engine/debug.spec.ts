import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DapSession, DRIVER } from './dap-session'

let session: DapSession
beforeEach(() => {
  session = new DapSession()
})
afterEach(() => session.close())

/** Lines are counted from 1; line 4 is the first statement of DriverEntry. */
const POOL = `import { NdisAllocatePacketPool, NdisAllocatePacket, NdisFreePacket, NdisFreePacketPool, DbgPrint, out } from 'ndis'
// a comment, and nothing else
export function DriverEntry(): number {
  const Status = out<number>(), Pool = out<number>(), Packet = out<number>()
  NdisAllocatePacketPool(Status, Pool, 4, 16)
  for (let i = 0; i < 6; i++) {
    // take and give back
    NdisAllocatePacket(Status, Packet, Pool.value)
    DbgPrint('round %d\\n', i)
    NdisFreePacket(Packet.value)
  }
  const text = helper(Pool.value)
  NdisFreePacketPool(Pool.value)
  return text.length - 5
}
function helper(pool: number): string {
  const doubled = pool * 2
  return doubled > 0 ? 'a pool' : ''
}
`

describe('line breakpoints', () => {
  test('stop before the line, with the line, its variables and the id of the breakpoint', async () => {
    await session.launch(POOL, (s) => s.setBreakpoints(5, 8))
    const first = await session.stopped()
    expect(first).toMatchObject({ reason: 'breakpoint', allThreadsStopped: true })
    expect(await session.place()).toBe('DriverEntry:5')
    expect((await session.frames())[0]).toMatchObject({ column: 3, source: { path: DRIVER } })
    await session.move('continue')
    expect(await session.place()).toBe('DriverEntry:8')
    expect((await session.scope('Block')).get('i')).toMatchObject({ value: '0' })
  })

  test('are confirmed by events: on their line, moved, or refused with a reason', async () => {
    await session.launch(POOL, (s) => s.setBreakpoints(1, 2, 7, 12, 19, 40))
    await session.stopped()
    const told = new Map(
      session.events('breakpoint').map((body) => {
        const { id, verified, line, message } = body['breakpoint'] as Record<string, unknown>
        return [id, { verified, line, ...(message !== undefined && { message }) }]
      }),
    )
    expect([...told.values()]).toEqual([
      { verified: true, line: 4 },
      { verified: true, line: 4 },
      { verified: true, line: 8 },
      { verified: true, line: 12 },
      { verified: false, line: 19, message: expect.stringContaining('no code') },
      { verified: false, line: 40, message: expect.stringContaining('no code') },
    ])
  })

  test('conditions, hit counts and logpoints are compiled into the line', async () => {
    await session.launch(POOL, (s) =>
      s.setBreakpoints(
        { line: 8, condition: 'i === 3' },
        { line: 10, hitCondition: '>= 5' },
        { line: 9, logMessage: 'i is {i}' },
      ),
    )
    await session.stopped()
    expect(await session.place()).toBe('DriverEntry:8')
    expect((await session.frames())[0]!.column).toBe(5)
    expect(await session.evaluate('i')).toBe('3')
    await session.move('continue')
    expect(await session.place()).toBe('DriverEntry:10')
    expect(await session.evaluate('i')).toBe('4')
    await session.move('continue')
    expect(await session.evaluate('i')).toBe('5')
    await session.request('continue', { threadId: 1 })
    await session.event('terminated')
    expect(session.output('console')).toBe([0, 1, 2, 3, 4, 5].map((i) => `i is ${i}\n`).join(''))
  })
})

describe('call breakpoints', () => {
  test('stop in the caller, before the call, with the id and the name of the function', async () => {
    let ids: unknown[] = []
    await session.launch(POOL, async (s) => {
      const { breakpoints } = await s.setCalls('NdisAllocatePacketPool', 'NdisFree*')
      ids = (breakpoints as { id: number }[]).map(({ id }) => id)
    })
    const stop = await session.stopped()
    expect(stop).toMatchObject({ reason: 'function breakpoint', hitBreakpointIds: [ids[0]] })
    expect(stop['description']).toContain('NdisAllocatePacketPool')
    expect(await session.place()).toBe('DriverEntry:5')
    expect(await session.evaluate('Pool.value')).toBe('0')
    expect(await session.move('continue')).toMatchObject({ hitBreakpointIds: [ids[1]] })
    expect(await session.place()).toBe('DriverEntry:10')
    expect(session.events('breakpoint').map((body) => body['breakpoint'])).toEqual([
      { id: ids[0], verified: true },
      { id: ids[1], verified: true },
    ])
  })

  test('take conditions over the parameters and hit counts, by category too; nonsense is refused with a reason', async () => {
    await session.launch(POOL, (s) =>
      s.setCalls(
        { name: 'category:allocate', condition: 'NumberOfDescriptors === 4' },
        { name: 'NdisAllocatePacket', hitCondition: '3' },
        'NoSuchFunction',
        { name: 'NdisFreePacket', condition: 'not an expression' },
      ),
    )
    expect((await session.stopped())['description']).toContain('NdisAllocatePacketPool')
    expect((await session.move('continue'))['description']).toContain('NdisAllocatePacket')
    expect(await session.evaluate('i')).toBe('2')
    const messages = session.events('breakpoint').map((body) => (body['breakpoint'] as { message?: string }).message)
    expect(messages.slice(2)).toEqual([
      expect.stringContaining('NoSuchFunction'),
      expect.stringContaining('not an expression'),
    ])
  })

  test('can be set while the driver stands still', async () => {
    await session.launch(POOL, (s) => s.setBreakpoints(5))
    await session.stopped()
    const { breakpoints } = await session.setCalls('NdisFreePacketPool')
    expect(breakpoints).toMatchObject([{ verified: true }])
    await session.move('continue')
    expect(await session.place()).toBe('DriverEntry:13')
  })
})

describe('stepping', () => {
  test('over goes from statement to statement and past calls', async () => {
    await session.launch(POOL, (s) => s.setBreakpoints(5))
    await session.stopped()
    const places: string[] = []
    for (let i = 0; i < 7; i++) {
      expect(await session.move('next')).toMatchObject({ reason: 'step' })
      places.push(await session.place())
    }
    expect([...new Set(places)].slice(0, 4)).toEqual([
      'DriverEntry:6',
      'DriverEntry:8',
      'DriverEntry:9',
      'DriverEntry:10',
    ])
  })

  test('in goes into functions of the driver and never into the engine; out comes back', async () => {
    await session.launch(POOL, (s) => s.setBreakpoints(5, 12))
    await session.stopped()
    await session.move('stepIn')
    expect(await session.place()).toBe('DriverEntry:6')
    await session.setBreakpoints(12)
    await session.move('continue')
    expect(await session.place()).toBe('DriverEntry:12')
    await session.move('stepIn')
    expect(await session.place()).toBe('helper:17')
    expect((await session.frames()).map((frame) => `${frame.name}:${frame.line}`)).toEqual([
      'helper:17',
      'DriverEntry:12',
    ])
    await session.move('stepOut')
    expect(await session.place()).toMatch(/^DriverEntry:1[23]$/)
  })

  test('over at a call breakpoint goes past the line of the call', async () => {
    await session.launch(POOL, (s) => s.setCalls('NdisAllocatePacketPool'))
    await session.stopped()
    expect(await session.place()).toBe('DriverEntry:5')
    await session.move('next')
    expect(await session.place()).toBe('DriverEntry:6')
  })

  test('over at the end of DriverEntry lets the driver run on', async () => {
    await session.launch(POOL, (s) => s.setBreakpoints(14))
    await session.stopped()
    await session.request('next', { threadId: await session.topThread() })
    const next = await Promise.race([
      session.event('terminated').then(() => 'ended'),
      session.stopped().then(() => session.place()),
    ])
    if (next !== 'ended') {
      expect(next).toMatch(/^DriverEntry:1[45]$/)
      await session.request('next', { threadId: await session.topThread() })
      await session.event('terminated')
    }
    expect((await session.request<{ state: string }>('ndis/machine', {})).state).toBe('finished')
  })

  test('stopOnEntry stands before the first line of DriverEntry', async () => {
    await session.launch(POOL, () => Promise.resolve(), { stopOnEntry: true })
    expect(await session.stopped()).toMatchObject({ reason: 'entry' })
    expect(await session.place()).toBe('DriverEntry:4')
  })
})

const CALLBACKS = `import { DRIVER_OBJECT, type PDRIVER_OBJECT } from 'ndis'
export function DriverEntry(DriverObject: PDRIVER_OBJECT): number {
  DRIVER_OBJECT.at(DriverObject).DriverUnload = () => {
    unloaded()
  }
  const list = [3, 1]
  list.sort((a, b) => {
    return a - b
  })
  return 0
}
function unloaded(): void {
  const done = true
}
`

describe('callbacks', () => {
  test('step in reaches a function of the driver that somebody else calls, out of it comes back', async () => {
    await session.launch(CALLBACKS, (s) => s.setBreakpoints(7))
    await session.stopped()
    await session.move('stepIn')
    expect((await session.frames()).map(({ line }) => line)).toEqual([8, 7])
    await session.move('stepOut')
    expect(await session.place()).toMatch(/^DriverEntry:(7|10)$/)
  })

  test('are threads named by what runs, at their IRQL', async () => {
    await session.launch(CALLBACKS, (s) => s.setBreakpoints(13), { config: { cpus: 2 } })
    await session.stopped()
    const { threads } = await session.request<{ threads: { id: number; name: string }[] }>('threads')
    expect(threads.map(({ name }) => name)).toEqual(['CPU 0: thread DriverUnload (PASSIVE_LEVEL)', 'CPU 1: idle'])
    expect((await session.frames(threads[0]!.id)).map(({ line }) => line)).toEqual([13, 4])
    expect(await session.frames(threads[1]!.id)).toEqual([])
  })
})

const LOOP = `import { DbgPrint } from 'ndis'
export function DriverEntry(): number {
  let turns = 0
  while (true) {
    turns++
  }
}
`

describe('a driver that loops for ever', () => {
  test('is paused on its line, goes on, and is stopped within a second', async () => {
    await session.launch(LOOP)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await session.request('pause', { threadId: 1 })
    expect(await session.stopped()).toMatchObject({ reason: 'pause' })
    expect(await session.place()).toMatch(/^DriverEntry:[45]$/)
    const first = Number(await session.evaluate('turns').then((text) => /\((\d+)\)/.exec(text)?.[1] ?? text))
    await session.request('continue', { threadId: 1 })
    await new Promise((resolve) => setTimeout(resolve, 100))
    await session.request('pause', { threadId: 1 })
    await session.stopped()
    const second = Number(await session.evaluate('turns').then((text) => /\((\d+)\)/.exec(text)?.[1] ?? text))
    expect(second).toBeGreaterThan(first)
    await session.request('continue', { threadId: 1 })
    await endsWithinASecond()
  })
  test('is paused in its own code when it spends its time in calls, and stopped while it floods the output', async () => {
    await session.launch(LOOP.replace('turns++', "DbgPrint('%d\\n', turns++)"))
    await new Promise((resolve) => setTimeout(resolve, 300))
    await session.request('pause', { threadId: 1 })
    expect(await session.stopped()).toMatchObject({ reason: 'pause' })
    expect(await session.place()).toMatch(/^DriverEntry:[45]$/)
    await session.move('next')
    expect(await session.place()).toMatch(/^DriverEntry:[45]$/)
    await session.request('continue', { threadId: 1 })
    await endsWithinASecond()
  })
  test('takes a breakpoint while it runs', async () => {
    await session.launch(LOOP)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await session.setBreakpoints(5)).toMatchObject({ breakpoints: [{ verified: true, line: 5 }] })
    expect(await session.stopped()).toMatchObject({ reason: 'breakpoint' })
    await endsWithinASecond()
  })
})

async function endsWithinASecond(): Promise<void> {
  const before = performance.now()
  await session.request('terminate', {})
  expect((await session.report()).error).toMatchObject({ code: 'stopped' })
  await session.event('terminated')
  expect(performance.now() - before).toBeLessThan(1000)
}

describe('the end', () => {
  test('terminate at a line breakpoint', async () => {
    await session.launch(POOL, (s) => s.setBreakpoints(8))
    await session.stopped()
    await endsWithinASecond()
  })
  test('terminate at a call breakpoint', async () => {
    await session.launch(POOL, (s) => s.setCalls('NdisAllocatePacket'))
    await session.stopped()
    await endsWithinASecond()
  })
  test('the report comes before terminated and exited', async () => {
    await session.launch(POOL)
    expect(await session.report()).toMatchObject({ outcome: 'clean', output: expect.arrayContaining(['round 5']) })
    await session.event('terminated')
    const names = session.messages.flatMap((m) => (m.type === 'event' ? [String(m['event'])] : []))
    expect(names.indexOf('ndis/report')).toBeLessThan(names.indexOf('terminated'))
    expect(names).toContain('exited')
  })
})
