import { WebSocket, type RawData } from 'ws'
import type { RpcEnvelope } from '../../shared/rpc'
import type { Workbench } from '../workbench/workbench'

/** Bytes that wait for a front end which has stopped reading; beyond it the connection is given up. */
const MAX_WAITING = 256 * 1024 * 1024
const UNREADABLE: RpcEnvelope = { kind: 'failure', id: -1, code: 'bad-request', message: 'This is not JSON text.' }

/** Joins one socket to the workbench: text in, text out, until it closes. */
export function attachSocket(socket: WebSocket, workbench: Workbench): void {
  const send = (envelope: RpcEnvelope) => {
    if (socket.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount > MAX_WAITING) socket.terminate()
    else socket.send(JSON.stringify(envelope))
  }
  const client = workbench.connect(send)
  socket.on('message', (data, isBinary) => {
    const envelope = isBinary ? undefined : parse(data)
    // Called in the order of arrival, which debug messages need; answers come when they are ready.
    if (envelope === undefined) send(UNREADABLE)
    else void client.handle(envelope).then(send)
  })
  // A message beyond the size limit or a broken frame: ws closes the socket with the code for it.
  socket.on('error', () => undefined)
  socket.on('close', () => client.close())
}

function parse(data: RawData): unknown {
  try {
    return JSON.parse((data as Buffer).toString('utf8')) as unknown
  } catch {
    return undefined
  }
}
