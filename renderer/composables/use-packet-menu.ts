/** Context menus of frames and of their fields. */
import type { Ref } from 'vue'
import type { FieldNode, PacketRow } from '../../src/shared/packets'
import type { NicView } from '../../src/shared/views'
import { exportFrames, injectFrames } from '../commands/packet-actions'
import { goTo } from '../editor/navigation'
import { decodeBase64 } from '../model/byte-kinds'
import { combined, hexText, rowText } from '../model/packet-text'
import type { RowWindow } from '../model/row-window'
import { LIVE, useCaptures } from '../stores/captures'
import { useContextMenu, type MenuEntry } from '../stores/context-menu'
import { useEventTarget } from '../stores/event-target'
import { copyText } from './copy'

interface MenuParts {
  /** The filter that is applied. */
  readonly filter: Ref<string>
  readonly rows: () => RowWindow<PacketRow>
  /** Places of the chosen rows under the filter. */
  readonly marked: () => readonly number[]
  /** Of the run that goes on. */
  readonly nics: () => readonly NicView[]
}
type Pointer = { readonly clientX: number; readonly clientY: number }

const BLOCK = 500

export function usePacketMenu({ filter, rows, marked, nics }: MenuParts) {
  const captures = useCaptures()
  const menu = useContextMenu()
  const choice = () => (captures.source === LIVE ? {} : { file: captures.source })

  /** Indices in the capture; rows that were not on screen yet are asked for. */
  const chosen = async (): Promise<number[]> => {
    const places = [...marked()].sort((left, right) => left - right)
    const known = new Map<number, number>()
    for (const place of places) {
      const row = rows().row(place)
      if (row) known.set(place, row.index)
      if (known.has(place)) continue
      const answer = await captures.request('ndis/packets', {
        ...choice(),
        filter: filter.value,
        from: place,
        to: place + BLOCK,
      })
      answer.rows.forEach((each, offset) => known.set(place + offset, each.index))
    }
    return places.flatMap((place) => known.get(place) ?? [])
  }
  const copyHex = async (index: number): Promise<void> => {
    const { data } = await captures.request('ndis/packet', { ...choice(), index })
    await copyText(hexText(decodeBase64(data)), 'The frame')
  }
  const goToSender = async (index: number): Promise<void> => {
    const { site } = await captures.request('ndis/packet', { ...choice(), index })
    if (!site) throw new Error('Nothing tells which line of the driver sent this frame.')
    await goTo(site)
  }
  const goToEvent = async (index: number): Promise<void> => {
    const { event } = await captures.request('ndis/packet', { ...choice(), index })
    if (event === undefined) throw new Error('This frame is not the work of a call that the event log has.')
    useEventTarget().show(event)
  }
  const filters = (condition: string): MenuEntry[] => [
    { label: `Filter: ${condition}`, icon: 'filter', run: () => (filter.value = condition) },
    { label: 'Add to the filter: and …', run: () => (filter.value = combined(filter.value, condition, 'and')) },
    { label: 'Add to the filter: and not …', run: () => (filter.value = combined(filter.value, condition, 'not')) },
  ]
  const injections = (what: string): MenuEntry[] => {
    const running = nics()
    if (!running.length)
      return [{ label: `Inject ${what}: no NIC runs`, icon: 'debug-step-into', disabled: true, run: () => undefined }]
    return running.map(({ slot, name }) => ({
      label: `Inject ${what} into ${name} (slot ${slot})`,
      icon: 'debug-step-into',
      run: async () => injectFrames(await chosen(), slot, name),
    }))
  }
  const forRow = (row: PacketRow, at: Pointer): void => {
    const count = marked().length
    const what = count > 1 ? `${count} frames` : 'the frame'
    const protocol = row.protocol.toLowerCase()
    menu.show(at, [
      { label: 'Copy as Hex', icon: 'copy', run: () => copyHex(row.index) },
      { label: 'Copy as Text', run: () => copyText(rowText(row), 'The frame') },
      'separator',
      { label: `Export ${what}…`, icon: 'export', run: async () => exportFrames({ which: await chosen() }) },
      ...injections(what),
      'separator',
      ...filters(
        /^(arp|icmp|icmpv6|udp|tcp|llc|vlan)$/.test(protocol) ? protocol : `_ws.col.protocol == "${row.protocol}"`,
      ),
      'separator',
      { label: 'Go to the Line that Sent It', icon: 'go-to-file', run: () => goToSender(row.index) },
      {
        label: 'Go to the Event',
        icon: 'history',
        disabled: captures.source !== LIVE,
        run: () => goToEvent(row.index),
      },
    ])
  }
  const forField = (field: FieldNode, at: Pointer): void =>
    menu.show(at, [
      { label: 'Copy Value', icon: 'copy', run: () => copyText(field.value, field.label) },
      { label: `Copy Name: ${field.name}`, run: () => copyText(field.name, 'The name') },
      ...(field.filter === undefined ? [] : (['separator', ...filters(field.filter)] as MenuEntry[])),
    ])
  return { forRow, forField }
}
