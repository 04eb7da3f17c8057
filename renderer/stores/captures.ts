/** Capture files that are open, and which capture the packets panel shows. Files need no run: they have a session of their own. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { NdisRequests } from '../../src/shared/dap'
import type { CaptureFileView } from '../../src/shared/packets'
import { host } from '../bridge/host'
import { useConnection } from './connection'
import { openDapClient, type DapClient } from '../debug/dap-client'
import { useSession } from '../debug/session'
import { useDock } from '../dock/dock'
import { encodeBase64 } from '../model/byte-kinds'
import { useNotices } from './notices'
import { useWorkspace } from './workspace'

type PacketCommand = 'ndis/packets' | 'ndis/packet' | 'ndis/packets/export'

/** The source that is no file. */
export const LIVE = ''
/** Bytes: a message to the host has an end. */
const MOST_DROPPED_BYTES = 32 * 1024 * 1024
const BASE64_PIECE = 0x8000 - (0x8000 % 3)

export const isCapturePath = (path: string): boolean => /\.(pcapng|pcap|cap)$/i.test(path)
const isAbsolute = (path: string): boolean => /^([\\/~]|[a-z]:)/i.test(path)

/** In pieces: a call takes so many arguments only. Each piece is a multiple of three bytes, so that they join. */
function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += BASE64_PIECE) text += encodeBase64(bytes.subarray(at, at + BASE64_PIECE))
  return text
}

export const useCaptures = defineStore('captures', () => {
  const files = shallowRef<readonly CaptureFileView[]>([])
  /** Path of a file, or LIVE. */
  const source = ref(LIVE)
  let client: Promise<DapClient> | undefined

  /** A lost connection took the session with it: the next request opens another. */
  const fileClient = (): Promise<DapClient> =>
    (client ??= openDapClient(host()).catch((error: unknown) => {
      client = undefined
      throw error
    }))
  const request = async <C extends PacketCommand | 'ndis/packets/open'>(
    command: C,
    args: NdisRequests[C]['args'],
  ): Promise<NdisRequests[C]['body']> => {
    const live = command !== 'ndis/packets/open' && !('file' in args)
    return live ? useSession().request(command, args) : (await fileClient()).request(command, args)
  }
  const show = (view: CaptureFileView): void => {
    files.value = [...files.value.filter(({ file }) => file !== view.file), view]
    source.value = view.file
    useDock().show('packets')
    if (view.note !== undefined) useNotices().trouble(`${view.name}: ${view.note}`)
  }
  /** @throws DapError in words for a person. */
  const open = async (path: string): Promise<void> => {
    const { root } = useWorkspace()
    show(await request('ndis/packets/open', { path: isAbsolute(path) || !root ? path : `${root}/${path}` }))
  }
  /** A file whose bytes are here and whose place is not known: one that was dropped. */
  const openDropped = async (file: File): Promise<void> => {
    if (file.size > MOST_DROPPED_BYTES)
      throw new Error(`${file.name} is larger than 32 MiB: open it with Open File… instead.`)
    const data = base64(new Uint8Array(await file.arrayBuffer()))
    show(await request('ndis/packets/open', { path: file.name, data }))
  }
  const close = (file: string): void => {
    files.value = files.value.filter((view) => view.file !== file)
    if (source.value === file) source.value = LIVE
  }
  const forget = (): void => {
    client = undefined
  }
  useConnection().$subscribe(forget)
  return { files, source, request, open, openDropped, close }
})
