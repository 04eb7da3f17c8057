import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron'
import type { RpcEnvelope, RpcEvents, RpcRequests, WorkbenchBridge } from '../src/shared/rpc'
import { EVENT_CHANNEL, REQUEST_CHANNEL } from './channels'

let lastId = 0

const bridge: WorkbenchBridge = {
  async request<M extends keyof RpcRequests>(method: M, params: RpcRequests[M]['params']) {
    const request: RpcEnvelope = { kind: 'request', id: ++lastId, method, params }
    const answer = (await ipcRenderer.invoke(REQUEST_CHANNEL, request)) as RpcEnvelope
    if (answer.kind === 'response') return answer.result as RpcRequests[M]['result']
    // A plain object: of an Error only the message would reach the page. See RpcFailure in src/shared/rpc.ts.
    if (answer.kind === 'failure') throw { code: answer.code, message: answer.message }
    throw { code: 'internal', message: `The host answered '${method}' with a ${answer.kind}.` }
  },
  on<E extends keyof RpcEvents>(event: E, listener: (body: RpcEvents[E]) => void) {
    const receive = (_: IpcRendererEvent, envelope: RpcEnvelope) => {
      if (envelope.kind === 'event' && envelope.event === event) listener(envelope.body as RpcEvents[E])
    }
    ipcRenderer.on(EVENT_CHANNEL, receive)
    return () => void ipcRenderer.off(EVENT_CHANNEL, receive)
  },
}

contextBridge.exposeInMainWorld('workbench', bridge)
