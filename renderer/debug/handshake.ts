/** The opening of a debug session in the order that DAP prescribes. */
import type { DebugProtocol } from '@vscode/debugprotocol'
import type { LaunchArguments } from '../../src/shared/dap'
import type { DapClient } from './dap-client'

export const INITIALIZE: DebugProtocol.InitializeRequestArguments = {
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

/**
 * An adapter may say `initialized` right after it was initialized, or only once it was told what to launch: breakpoints
 * go out after both, so that their sources are known.
 *
 * @param configure sends breakpoints.
 * @returns what the adapter can do
 * @throws DapError when the driver cannot be launched, in the adapter's words.
 */
export async function openSession(
  client: DapClient,
  args: LaunchArguments,
  configure: () => Promise<void>,
): Promise<DebugProtocol.Capabilities> {
  const initialized = new Promise<void>((resolve) => {
    client.on('initialized', () => resolve())
  })
  const capabilities = await client.request('initialize', INITIALIZE)
  const launched = client.request('launch', args)
  const configured = initialized.then(configure).then(() => client.request('configurationDone', {}))
  // A refused launch may never come to `initialized`: whichever fails first is the answer.
  await Promise.race([configured, launched.then(() => configured)])
  await launched
  return capabilities
}
