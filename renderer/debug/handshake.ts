/** The opening of a debug session in the order that DAP prescribes. */
import type { DebugProtocol } from '@vscode/debugprotocol'
import type { LaunchArguments } from '../../src/shared/dap'
import type { DapClient } from './dap-client'

const INITIALIZE: DebugProtocol.InitializeRequestArguments = {
  clientID: 'ndis-workbench',
  clientName: 'NDIS Workbench',
  adapterID: 'ndis',
  linesStartAt1: true,
  columnsStartAt1: true,
  pathFormat: 'path',
  supportsVariableType: true,
  supportsMemoryReferences: true,
  supportsInvalidatedEvent: true,
  supportsMemoryEvent: true,
}

export const initialize = (client: DapClient): Promise<DebugProtocol.Capabilities> =>
  client.request('initialize', INITIALIZE)

/**
 * @param configure sends breakpoints; runs once the adapter says `initialized`.
 * @throws DapError when the driver cannot be launched, in the adapter's words.
 */
export async function launch(client: DapClient, args: LaunchArguments, configure: () => Promise<void>): Promise<void> {
  const configured = new Promise<void>((resolve, reject) => {
    const leave = client.on('initialized', () => {
      leave()
      configure()
        .then(() => client.request('configurationDone', {}))
        .then(() => resolve(), reject)
    })
  })
  // A refused launch may never come to `initialized`: whichever fails first is the answer.
  const launched = client.request('launch', args)
  await Promise.race([configured, launched.then(() => configured)])
  await launched
}
