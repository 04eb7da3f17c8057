import type { Walk } from './walk'

/** Bytes that nothing is known about. */
export function dissectPayload(walk: Walk, at: number): void {
  const { sink, end } = walk
  if (at >= end) return
  sink.open('data', at, end - at, end)
  if (sink.worded) sink.describe(`${end - at} bytes`)
  sink.bytes('data.data', at, end - at)
  sink.number('data.len', at, end - at, end - at, 0)
  sink.close()
}
