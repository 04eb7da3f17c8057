/** The frame that is looked at, in full. */
import { shallowRef, watch, type ShallowRef } from 'vue'
import type { PacketView } from '../../src/shared/packets'
import { useNotices } from '../stores/notices'
import { decodeBase64 } from '../model/byte-kinds'
import { LIVE, useCaptures } from '../stores/captures'

export interface ShownPacket {
  readonly view: PacketView
  readonly bytes: Uint8Array
}

/** @param index in the capture; undefined: none is selected. A captured frame never changes, so it is asked for once. */
export function usePacket(index: () => number | undefined): ShallowRef<ShownPacket | undefined> {
  const captures = useCaptures()
  const shown = shallowRef<ShownPacket>()
  watch([index, () => captures.source], async ([wanted, source]) => {
    if (wanted === undefined) return void (shown.value = undefined)
    try {
      const view = await captures.request('ndis/packet', { ...(source !== LIVE && { file: source }), index: wanted })
      // Another one may have been selected meanwhile.
      if (index() === wanted && captures.source === source) shown.value = { view, bytes: decodeBase64(view.data) }
    } catch (error) {
      useNotices().failed(error)
    }
  })
  return shown
}
