import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DapSession, DRIVER } from './dap-session'

let session: DapSession
beforeEach(() => {
  session = new DapSession()
})
afterEach(() => session.close())

/** Stops at line 15 with a packet, a freed block and values of all kinds in scope. */
const VALUES = `import { NDIS_PACKET, NdisAllocatePacketPool, NdisAllocatePacket, NdisAllocateMemoryWithTag, NdisFreeMemory, out, bytes } from 'ndis'
const MODULE_CONSTANT = 7
export function DriverEntry(): number {
  const Status = out<number>(), Pool = out<number>(), Packet = out<number>(), Block = out<number>()
  NdisAllocatePacketPool(Status, Pool, 4, 16)
  NdisAllocatePacket(Status, Packet, Pool.value)
  NdisAllocateMemoryWithTag(Block, 64, 0x31747354)
  const view = bytes(Block.value, 16)
  view.set([1, 2, 3, 4])
  const packet = NDIS_PACKET.at(Packet.value)
  const list = [1, 'two', null, undefined, true, 10n, { deep: { er: 5 } }]
  const status = -1073741670
  let counter = MODULE_CONSTANT
  const address = Block.value
  counter += 1
  counter += 1
  NdisFreeMemory(Block.value, 64, 0)
  counter += packet.Private.PhysicalCount
  return counter > 100 ? 1 : 0
}
`
const stopAt = async (line: number, text = VALUES): Promise<void> => {
  await session.launch(text, (s) => s.setBreakpoints(line))
  await session.stopped()
}

describe('variables', () => {
  test('show numbers that are addresses in both ways, cells with their value, and nothing of the loader', async () => {
    await stopAt(15)
    const local = await session.scope('Local')
    const names = [...local.keys()]
    expect(names).toEqual(expect.arrayContaining(['Status', 'Pool', 'packet', 'list', 'status', 'counter', 'address']))
    expect(names.filter((name) => name.startsWith('$ndis') || name === 'NDIS_PACKET')).toEqual([])
    expect(local.get('counter')).toMatchObject({ value: '7', type: 'number' })
    expect(local.get('status')!.value).toBe('0xc000009a (-1073741670)')
    const address = local.get('address')!
    expect(address.value).toMatch(/^0x[0-9a-f]{8} \(\d+\)$/)
    expect(address.memoryReference).toBe(address.value.split(' ')[0])
    expect(local.get('Block')).toMatchObject({ memoryReference: address.memoryReference, type: 'Out' })
    expect(local.get('Status')!.value).toContain('0')
    const module = await session.scope('Module')
    expect(module.get('MODULE_CONSTANT')).toMatchObject({ value: '7' })
  })

  test('open lazily: arrays, objects, struct views with their fields and nested structs', async () => {
    await stopAt(15)
    const local = await session.scope('Local')
    const list = await session.variables(local.get('list')!.variablesReference)
    expect(list.slice(0, 6).map(({ value }) => value)).toEqual(['1', '"two"', 'null', 'undefined', 'true', '10n'])
    const [deep] = await session.variables(list[6]!.variablesReference)
    expect(await session.variables(deep!.variablesReference)).toMatchObject([{ name: 'er', value: '5' }])
    const fields = await session.variables(local.get('packet')!.variablesReference)
    expect(fields.map(({ name }) => name)).toContain('Private')
    const nested = await session.variables(fields.find(({ name }) => name === 'Private')!.variablesReference)
    expect(nested.map(({ name }) => name)).toContain('PhysicalCount')
    expect(local.get('packet')!.type).toBe('NDIS_PACKET')
  })

  test('can be set: locals, array elements, struct fields; a const stays', async () => {
    await stopAt(15)
    const [top] = await session.frames()
    const { scopes } = await session.request<{ scopes: { name: string; variablesReference: number }[] }>('scopes', {
      frameId: top!.id,
    })
    const local = scopes.find(({ name }) => name === 'Local')!.variablesReference
    const set = (variablesReference: number, name: string, value: string) =>
      session.request<{ value: string }>('setVariable', { variablesReference, name, value })
    expect(await set(local, 'counter', 'counter * 6')).toMatchObject({ value: '42' })
    expect(await session.evaluate('counter')).toBe('42')
    const variables = new Map((await session.variables(local)).map((variable) => [variable.name, variable]))
    await set(variables.get('list')!.variablesReference, '1', "'zwei'")
    expect(await session.evaluate('list[1]')).toBe('"zwei"')
    const fields = await session.variables(variables.get('packet')!.variablesReference)
    await set(fields.find(({ name }) => name === 'Private')!.variablesReference, 'PhysicalCount', '3')
    expect(await session.evaluate('packet.Private.PhysicalCount')).toBe('3')
    await expect(set(local, 'counter', 'no such thing')).rejects.toThrow('SyntaxError')
  })

  test('of an earlier stop are gone', async () => {
    await stopAt(15)
    const local = await session.scope('Local')
    await session.move('next')
    expect(await session.variables(local.get('list')!.variablesReference).catch((e: Error) => e.message)).toMatch(
      /earlier stop/,
    )
  })
})

describe('evaluate', () => {
  test('hovers refuse side effects, watches and the console do not; errors come in words', async () => {
    await stopAt(15)
    expect(await session.evaluate('list.length', 'hover')).toBe('7')
    await expect(session.evaluate('counter = 99', 'hover')).rejects.toThrow('side-effect')
    expect(await session.evaluate('counter')).toBe('7')
    expect(await session.evaluate('counter = 50', 'repl')).toBe('50')
    expect(await session.evaluate('counter')).toBe('50')
    await expect(session.evaluate('nothing.here')).rejects.toThrow(
      "Cannot read properties of undefined (reading 'here')",
    )
  })

  test('looking at freed memory is not put down to the driver', async () => {
    await stopAt(18)
    await session.evaluate('view[0]', 'watch')
    await session.evaluate('packet.Private.PhysicalCount', 'hover').catch(() => undefined)
    await session.scope('Local')
    expect(session.events('ndis/violation')).toEqual([])
    await session.evaluate('view[0]', 'repl')
    await session.event('ndis/violation', (body) => body['rule'] !== undefined)
  })

  test('does not stop at breakpoints of what it calls', async () => {
    await session.launch(VALUES, async (s) => {
      await s.setBreakpoints(15)
      await s.setCalls('NdisAllocatePacket')
    })
    await session.stopped()
    await session.move('continue')
    expect(await session.place()).toBe('DriverEntry:15')
    await session.evaluate('NdisAllocatePacket(Status, Packet, Pool.value)', 'repl').catch(() => undefined)
    expect(await session.place()).toBe('DriverEntry:15')
  })

  test('and everything else that needs a stopped driver says so while it runs', async () => {
    await session.launch(`export function DriverEntry() {\n  while (true);\n}\n`)
    for (const [command, args] of [
      ['evaluate', { expression: '1' }],
      ['stackTrace', { threadId: 1 }],
      ['next', { threadId: 1 }],
      ['variables', { variablesReference: 1 }],
    ] as const)
      expect(await session.ask(command, args)).toMatchObject({
        success: false,
        message: expect.stringContaining('not stopped'),
      })
    expect((await session.request<{ threads: unknown[] }>('threads')).threads).toHaveLength(1)
    expect(await session.request('ndis/machine', {})).toMatchObject({ state: 'running' })
  })
})

describe('memory', () => {
  test('shows and takes the very bytes of the driver', async () => {
    await stopAt(15)
    const memoryReference = (await session.scope('Local')).get('address')!.memoryReference!
    const read = async (offset: number, count: number) =>
      session.request<{ address: string; data: string; unreadableBytes?: number }>('readMemory', {
        memoryReference,
        offset,
        count,
      })
    expect(Buffer.from((await read(0, 4)).data, 'base64')).toEqual(Buffer.from([1, 2, 3, 4]))
    const data = Buffer.from([0xaa, 0xbb]).toString('base64')
    expect(await session.request('writeMemory', { memoryReference, offset: 1, data })).toEqual({ bytesWritten: 2 })
    expect(session.events('memory')).toMatchObject([{ count: 2 }])
    expect(await session.evaluate('view[1]')).toBe('170')
    expect(await session.request('readMemory', { memoryReference: '0xfffffff0', count: 8 })).toMatchObject({
      data: '',
      unreadableBytes: 8,
    })
    await expect(session.request('writeMemory', { memoryReference: '0xfffffff0', data })).rejects.toThrow(
      'nothing was written',
    )
    await expect(session.request('readMemory', { memoryReference: 'counter', count: 8 })).rejects.toThrow('no address')
  })
})

describe('views', () => {
  test('of pools, descriptors, memory, structs, allocations, locks and events answer while the machine stands still', async () => {
    await stopAt(15)
    const { pools } = await session.request<{ pools: { address: number; inUse: number; capacity: number }[] }>(
      'ndis/pools',
      {},
    )
    expect(pools).toMatchObject([{ kind: 'packet', inUse: 1, capacity: 4 }])
    expect(await session.request('ndis/descriptors', { pool: pools[0]!.address, start: 0, count: 10 })).toMatchObject({
      total: 4,
    })
    const packet = Number((await session.scope('Local')).get('Packet')!.memoryReference)
    expect(await session.request('ndis/memory', { address: packet, count: 64 })).toMatchObject({
      object: { struct: 'NDIS_PACKET', state: 'allocated' },
    })
    const { fields } = await session.request<{ fields: { name: string }[] }>('ndis/struct', {
      address: packet,
      struct: 'NDIS_PACKET',
    })
    expect(fields.map(({ name }) => name)).toContain('Private')
    expect(await session.request('ndis/allocations', { start: 0, count: 10 })).toMatchObject({
      allocations: expect.any(Array),
    })
    expect(await session.request('ndis/locks', {})).toEqual({ locks: [] })
    expect((await session.request<{ total: number }>('ndis/events', { start: 0, count: 5 })).total).toBeGreaterThan(2)
    expect(await session.request('ndis/machine', {})).toMatchObject({ state: 'stopped', irql: 0 })
    const { functions } = await session.request<{ functions: { name: string }[] }>('ndis/functions', {})
    expect(functions.map(({ name }) => name)).toContain('NdisAllocatePacket')
    await expect(session.request('ndis/struct', { address: packet, struct: 'NOPE' })).rejects.toThrow('NOPE')
    await expect(session.request('ndis/nothing', {})).rejects.toThrow('not supported')
  })
})

describe('sources', () => {
  test('are listed and given; breakpoint locations name the lines with code', async () => {
    await stopAt(15)
    expect(await session.request('loadedSources')).toEqual({ sources: [{ name: 'driver.ts', path: DRIVER }] })
    expect(await session.request('source', { source: { path: DRIVER }, sourceReference: 0 })).toMatchObject({
      content: VALUES,
    })
    await expect(session.request('source', { source: { path: '/etc/passwd' }, sourceReference: 0 })).rejects.toThrow(
      'not part',
    )
    const { breakpoints } = await session.request<{ breakpoints: { line: number }[] }>('breakpointLocations', {
      source: { path: DRIVER },
      line: 1,
      endLine: 6,
    })
    expect(breakpoints).toEqual([{ line: 2 }, { line: 4 }, { line: 5 }, { line: 6 }])
  })
})
