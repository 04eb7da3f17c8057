/** What is done with chosen frames: written to a file, or sent into a NIC. */
import type { ExportArguments } from '../../src/shared/packets'
import { host } from '../bridge/host'
import { useSession } from '../debug/session'
import { LIVE, useCaptures } from '../stores/captures'
import { useDialogs } from '../stores/dialogs'
import { useNotices } from '../stores/notices'
import { askSavePath } from './save'

export type Chosen = Pick<ExportArguments, 'which' | 'filter'>

const counted = (count: number): string => `${count.toLocaleString('en-US')} ${count === 1 ? 'frame' : 'frames'}`

const choice = () => {
  const { source } = useCaptures()
  return source === LIVE ? {} : { file: source }
}

/** A native dialog has asked already whether a file may be replaced; elsewhere it is asked here. */
async function mayReplace(path: string): Promise<boolean> {
  const { choice } = await useDialogs().ask({
    title: 'Replace the file?',
    text: `${path} exists. Its content is replaced by the exported frames.`,
    choices: [
      { id: 'replace', label: 'Replace', primary: true },
      { id: 'cancel', label: 'Cancel' },
    ],
  })
  return choice === 'replace'
}

/** Writes frames to a file that the person names, for Wireshark or to be sent again. */
export async function exportFrames(chosen: Chosen): Promise<void> {
  const { source, request } = useCaptures()
  const path = await askSavePath(source.endsWith('.pcap') ? 'frames.pcap' : 'frames.pcapng')
  if (path === undefined) return
  const { frontEnd } = await host().request('app/info', {})
  const args = { ...choice(), ...chosen, path }
  let answer = await request('ndis/packets/export', { ...args, replace: frontEnd === 'electron' })
  if (answer.status === 'exists' && (await mayReplace(answer.path)))
    answer = await request('ndis/packets/export', { ...args, replace: true })
  if (answer.status === 'written') useNotices().info(`${counted(answer.frames)} written to ${answer.path}.`)
}

/** Lets frames arrive at a NIC of the run. */
export async function injectFrames(indices: readonly number[], slot: number, nic: string): Promise<void> {
  const { frames } = await useSession().request('ndis/packets/inject', { ...choice(), indices, slot })
  useNotices().info(`${counted(frames)} sent into ${nic}.`)
}
