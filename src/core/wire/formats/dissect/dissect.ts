import type { CapturedFrame } from '../captured-frame'
import { ETHERNET } from '../capture'
import { dissectLinkType } from './link-type'
import { DISSECTORS } from './dissectors'
import { dissectEthernet, dissectPadding } from './ethernet'
import { enter, NO_FIELDS, type Columns, type FieldSink, type Walk } from './walk'

/**
 * Takes a frame apart once. Never throws, whatever the bytes are; reads nothing outside of them.
 *
 * @param columns filled in where given
 */
export function dissectFrame(frame: CapturedFrame, sink: FieldSink, columns?: Columns): void {
  const { bytes, length } = frame
  const walk: Walk = {
    bytes,
    sink,
    columns,
    dissectors: DISSECTORS,
    end: bytes.length,
    claimed: Math.max(length, bytes.length),
    ipVersion: 0,
    ipAddresses: 0,
    depth: 0,
    quoted: false,
    fragment: false,
  }
  tellFrame(frame, sink)
  const { linkType = ETHERNET } = frame
  if (linkType === ETHERNET) enter(walk, 0, dissectEthernet)
  else dissectLinkType(walk, linkType)
  dissectPadding(walk)
}

/** What is known of a frame besides its bytes. */
function tellFrame(frame: CapturedFrame, sink: FieldSink): void {
  const { bytes, length, number, interface: nic, direction, timeNs, comment } = frame
  sink.open('frame', 0, bytes.length, bytes.length)
  if (sink.worded) {
    const way = direction === undefined ? '' : direction === 'out' ? ', sent' : ', received'
    sink.describe(`${number}: ${length} bytes on the wire${way}`)
  }
  if (comment !== undefined) sink.text('frame.comment', comment)
  sink.number('frame.interface_id', 0, 0, nic, 0)
  sink.text('frame.interface_name', frame.interfaceName)
  if (direction !== undefined) sink.number('direction', 0, 0, direction === 'out' ? 1 : 0, 0)
  sink.number('frame.time', 0, 0, timeNs, 0)
  sink.number('frame.number', 0, 0, number, 0)
  sink.number('frame.len', 0, 0, length, 0)
  sink.number('frame.cap_len', 0, 0, bytes.length, 0)
  if (bytes.length < length) sink.warn('_ws.short', 0, `the capture holds ${bytes.length} of ${length} bytes`)
  sink.close()
}

/** The columns of a frame, without its tree: cheap enough for every row on screen. */
export function summarize(frame: CapturedFrame): Columns {
  const columns: Columns = { source: '', destination: '', protocol: '', info: '' }
  dissectFrame(frame, NO_FIELDS, columns)
  return columns
}
