import { afterEach, expect, test } from 'vitest'
import { DapSession, DRIVER } from './dap-session'
import { expectGolden } from './golden-text'

const TEXT = `import { NdisAllocatePacketPool, NdisFreePacketPool, DbgPrint, out } from 'ndis'
export function DriverEntry(): number {
  const Status = out<number>(), Pool = out<number>()
  NdisAllocatePacketPool(Status, Pool, 4, 16)
  DbgPrint('pool made\\n')
  NdisFreePacketPool(Pool.value)
  return 0
}
`
const session = new DapSession()
afterEach(() => session.close())

/** Numbers that differ from run to run or machine to machine, and the periodic machine events, do not count. */
function normalized(): string {
  const lines = session.messages
    .filter((message) => message['event'] !== 'ndis/machine')
    .map((message) => {
      const kept: Record<string, unknown> = { ...message }
      for (const key of ['seq', 'request_seq', 'type', 'command', 'event']) delete kept[key]
      const mark = { request: '-->', response: '<--', event: '<<<' }[message.type] ?? message.type
      const text = JSON.stringify(kept, (key, value: unknown) =>
        key === 'wallMs' || key === 'virtualTimeNs' ? 0 : key === 'traceHash' ? '(hash)' : value,
      )
      return `${mark} ${String(message['command'] ?? message['event'])} ${text}`
    })
  return `${lines.join('\n')}\n`
}

test('one session from initialize to terminated, word for word', async () => {
  await session.launch(TEXT, async (s) => {
    await s.setBreakpoints(5)
    await s.setCalls('NdisFreePacketPool')
  })
  await session.stopped()
  await session.request('threads')
  const [top] = await session.frames()
  const { scopes } = await session.request<{ scopes: { variablesReference: number }[] }>('scopes', { frameId: top!.id })
  await session.variables(scopes[0]!.variablesReference)
  await session.evaluate('Status.value')
  await session.move('continue')
  await session.frames()
  await session.request('source', { source: { path: DRIVER }, sourceReference: 0 })
  expect((await session.ask('ndis/nonsense'))['success']).toBe(false)
  await session.request('continue', { threadId: 1 })
  await session.event('terminated')
  expectGolden('dap-session.txt', normalized())
})
