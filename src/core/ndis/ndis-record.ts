import type { Kernel } from '../kernel/kernel'
import { OWNER_NDIS } from '../memory/tagged-pool'

/** 'NDma': what callbacks are given. */
const ARGUMENTS_TAG = 0x616d444e

/** Zeroed memory of NDIS that a driver is given for the time of a callback. */
export interface NdisRecords {
  /** 0 when memory is short. */
  allocate(bytes: number): number
  free(address: number): void
  /** Runs with a record that lives until `run` returns; with 0 when memory is short. */
  with<T>(bytes: number, fill: (address: number) => void, run: (address: number) => T): T
  /** A counted string with its text behind it, as NDIS_STRING has it: bytes that it takes. */
  stringBytes(text: string): number
  /** Writes such a string at an address; the address. */
  putString(at: number, text: string): number
}

const COUNTED_STRING_BYTES = 8

export function createNdisRecords(k: Kernel): NdisRecords {
  const { space, pool } = k
  function allocate(bytes: number): number {
    const address = pool.allocate(bytes, ARGUMENTS_TAG, OWNER_NDIS, k.site.s, k.log.count())
    if (address !== 0) space.fill(address, bytes, 0)
    return address
  }
  return {
    allocate,
    free: (address) => void pool.free(address, k.site.s),
    with(bytes, fill, run) {
      const address = allocate(bytes)
      if (address === 0) return run(0)
      fill(address)
      const result = run(address)
      pool.free(address, k.site.s)
      return result
    },
    stringBytes: (text) => (COUNTED_STRING_BYTES + 2 * (text.length + 1) + 3) & ~3,
    putString(at, text) {
      space.w16(at, 2 * text.length)
      space.w16(at + 2, 2 * text.length + 2)
      space.w32(at + 4, at + COUNTED_STRING_BYTES)
      for (let i = 0; i < text.length; i++) space.w16(at + COUNTED_STRING_BYTES + 2 * i, text.charCodeAt(i))
      return at
    },
  }
}
