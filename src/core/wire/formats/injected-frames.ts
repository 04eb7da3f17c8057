/**
 * Frames that arrive from a capture file, as EngineWorkerData.inject has them, one behind the other: length (u32), nanoseconds after
 * the first frame (u64), bytes; little-endian.
 */
const HEAD_BYTES = 12
/** Shortest Ethernet frame without its check sequence: captures have frames from before they were filled up. */
export const LEAST_INJECTED_BYTES = 60
/** Longest frame that a link carries. */
export const MOST_INJECTED_BYTES = 16_384

/** Collects frames; `limit` bytes in all. */
export function createInjectedFrames(limit: number) {
  const parts: { readonly afterNs: bigint; readonly bytes: Uint8Array }[] = []
  let total = 0
  let first: bigint | undefined
  let latest = 0n
  return {
    get count(): number {
      return parts.length
    },
    /**
     * Adds a frame of at most MOST_INJECTED_BYTES. One without a time, or with one that goes back, comes right after the one before.
     *
     * @returns false when there is no more room.
     */
    add(timeNs: bigint | undefined, bytes: Uint8Array): boolean {
      const size = HEAD_BYTES + Math.max(LEAST_INJECTED_BYTES, bytes.length)
      if (total + size > limit) return false
      first ??= timeNs
      const afterNs = timeNs === undefined || first === undefined ? latest : timeNs - first
      if (afterNs > latest) latest = afterNs
      parts.push({ afterNs: latest, bytes })
      total += size
      return true
    },
    /** All of them, in memory that a worker shares. */
    finish(): Uint8Array {
      const all = new Uint8Array(new SharedArrayBuffer(total))
      const view = new DataView(all.buffer)
      let at = 0
      for (const { afterNs, bytes } of parts) {
        const length = Math.max(LEAST_INJECTED_BYTES, bytes.length)
        view.setUint32(at, length, true)
        view.setBigUint64(at + 4, afterNs, true)
        all.set(bytes, at + HEAD_BYTES)
        at += HEAD_BYTES + length
      }
      return all
    },
  }
}

/** The frames again, as views of the bytes. */
export function* injectedFrames(
  inject: Uint8Array,
): Generator<{ readonly afterNs: number; readonly bytes: Uint8Array }> {
  const view = new DataView(inject.buffer, inject.byteOffset, inject.byteLength)
  for (let at = 0; at < inject.length;) {
    const length = view.getUint32(at, true)
    const start = at + HEAD_BYTES
    yield { afterNs: Number(view.getBigUint64(at + 4, true)), bytes: inject.subarray(start, start + length) }
    at = start + length
  }
}
