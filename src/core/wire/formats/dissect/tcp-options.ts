import { u16, u32 } from '../bytes'
import { type Walk } from './walk'

const END = 0
const NO_OPERATION = 1
const MAXIMUM_SEGMENT_SIZE = 2
const WINDOW_SCALE = 3
const SACK = 5
const TIMESTAMPS = 8

/** RFC 9293 section 3.2, RFC 7323, RFC 2018. */
export function dissectTcpOptions(walk: Walk, from: number, to: number): void {
  const { bytes, sink } = walk
  sink.open('tcp.options', from, to - from, to)
  let at = from
  while (at < to) {
    const kind = bytes[at]!
    const single = kind === END || kind === NO_OPERATION
    const length = single ? 1 : at + 1 < to ? bytes[at + 1]! : 0
    const bad = !single && (length < 2 || at + length > to)
    const size = bad ? to - at : length
    sink.open('tcp.option', at, size, at + size)
    sink.number('tcp.option_kind', at, 1, kind, 0)
    if (!single && at + 1 < to) sink.number('tcp.option_len', at + 1, 1, length, 0)
    if (bad) sink.warn('_ws.malformed', at, 'the length of the option does not fit')
    else if (length > 2) body(walk, at + 2, length - 2, kind)
    sink.close()
    if (kind === END) break
    at += size
  }
  sink.close()
}

function body({ bytes, sink }: Walk, at: number, length: number, kind: number): void {
  if (kind === MAXIMUM_SEGMENT_SIZE && length === 2) return sink.number('tcp.options.mss_val', at, 2, u16(bytes, at), 0)
  if (kind === WINDOW_SCALE && length === 1) return sink.number('tcp.options.wscale.shift', at, 1, bytes[at]!, 0)
  if (kind === TIMESTAMPS && length === 8) {
    sink.number('tcp.options.timestamp.tsval', at, 4, u32(bytes, at), 0)
    return sink.number('tcp.options.timestamp.tsecr', at + 4, 4, u32(bytes, at + 4), 0)
  }
  if (kind !== SACK || length % 8 !== 0) return sink.bytes('tcp.option_data', at, length)
  for (let edge = at; edge < at + length; edge += 8) {
    sink.number('tcp.options.sack_le', edge, 4, u32(bytes, edge), 0)
    sink.number('tcp.options.sack_re', edge + 4, 4, u32(bytes, edge + 4), 0)
  }
}
