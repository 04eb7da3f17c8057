/** One whole session, message by message. */
import { test } from 'vitest'
import { DapSession } from './dap-session'
import { expectGolden, nameAddresses } from './golden'

const DRIVER = `import { DbgPrint, NdisAllocatePacket, NdisAllocatePacketPool, NdisFreePacket, NdisFreePacketPool, out } from 'ndis'
export function DriverEntry(): number {
  const Status = out<number>(), Pool = out<number>(), Packet = out<number>()
  NdisAllocatePacketPool(Status, Pool, 4, 16)
  NdisAllocatePacket(Status, Packet, Pool.value)
  // half way
  DbgPrint('packet status %d\\n', Status.value)
  NdisFreePacket(Packet.value)
  NdisFreePacket(Packet.value)
  NdisFreePacketPool(Pool.value)
  return 0
}
`

type Message = Record<string, unknown>

/** Real time and the state at display rate differ from run to run. */
const steady = (messages: readonly Message[]): Message[] =>
  messages.filter((message) => message['event'] !== 'ndis/machine')

const withoutAccidents = (text: string): string =>
  nameAddresses(
    text.replace(/"wallMs":[\d.]+/g, '"wallMs":0').replace(/"traceHash":"[0-9a-f]{16}"/g, '"traceHash":"16 digits"'),
  )

/** Each request with its answer, then the events up to the next one. */
function transcript(messages: readonly Message[]): string {
  const lines: string[] = []
  const text = (value: unknown): string => (value === undefined ? '' : ` ${JSON.stringify(value)}`)
  messages.forEach((message) => {
    if (message['type'] === 'request') {
      const answer = messages.find((other) => other['type'] === 'response' && other['request_seq'] === message['seq'])
      lines.push('', `-> ${String(message['command'])}${text(message['arguments'])}`)
      lines.push(answer?.['success'] ? `<- ok${text(answer['body'])}` : `<- refused: ${String(answer?.['message'])}`)
    } else if (message['type'] === 'event') lines.push(`   ${String(message['event'])}${text(message['body'])}`)
  })
  return `${lines.join('\n').trimStart()}\n`
}

async function play(session: DapSession): Promise<void> {
  await session.launch(DRIVER, async () => {
    await session.setBreakpoints(6, { line: 8, logMessage: 'packet {Packet}' }, 99)
    await session.setCalls('NdisFreePacketPool', 'NdisNothing')
    await session.request('setExceptionBreakpoints', { filters: ['violations'] })
  })
  await session.stopped()
  await session.request('threads')
  const [top] = await session.frames()
  await session.request('scopes', { frameId: top!.id })
  await session.scope('Local')
  await session.move('next')
  await session.evaluate('Status.value === 0')
  await session.move('continue')
  await session.request('exceptionInfo', { threadId: 1 })
  await session.move('continue')
  await session.frames()
  await session.request('continue', { threadId: 1 })
  await session.event('terminated')
  await session.ask('next', { threadId: 1 })
  await session.request('disconnect')
}

test('one session from initialize to disconnect', async () => {
  const session = new DapSession()
  try {
    await play(session)
  } finally {
    session.close()
  }
  expectGolden('debug-session.txt', withoutAccidents(transcript(steady(session.messages))))
})
