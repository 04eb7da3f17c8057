import type { Kernel } from '../kernel/kernel'
import { OWNER_NDIS } from '../memory/tagged-pool'
import { constant } from './constants'
import { mdlPages, mdlSize, type Mdls } from './mdl'
import { MDL } from './packet-layout'

/** 'User', 'IoSB' and 'Mdl ' */
const USER_TAG = 0x72657355
const SYSTEM_BUFFER_TAG = 0x42536f49
const MDL_TAG = 0x206c644d
const REQUEST_MDL = 'MDL of a request'
const LOCKED = constant('MDL_PAGES_LOCKED') | constant('MDL_MAPPED_TO_SYSTEM_VA')

/** Memory of one request, all of which goes with it. Addresses are 0 for no bytes, and when memory is short. */
export interface IoBuffers {
  /** Memory of the application. */
  user(contents: Uint8Array): number
  /** Nonpaged memory of the I/O manager. What it held before is still there, as in Windows. */
  system(bytes: number): number
  /** Describes memory that is locked for the request. */
  mdl(address: number, bytes: number): number
  release(): void
}

export function createIoBuffers(k: Kernel, mdls: Mdls): IoBuffers {
  const { space, pool, objects, site, log } = k
  const blocks: number[] = []
  const made: number[] = []

  function block(tag: number, bytes: number): number {
    const address = bytes === 0 ? 0 : pool.allocate(bytes, tag, OWNER_NDIS, site.s, log.count())
    if (address !== 0) blocks.push(address)
    return address
  }
  return {
    user(contents) {
      const address = block(USER_TAG, contents.length)
      if (address !== 0) space.u8.set(contents, address)
      return address
    },
    system: (bytes) => block(SYSTEM_BUFFER_TAG, bytes),
    mdl(address, bytes) {
      if (address === 0 || bytes === 0) return 0
      const size = mdlSize(mdlPages(address, bytes))
      const mdl = objects.create(REQUEST_MDL, MDL_TAG, size, false)
      if (mdl === 0) return 0
      made.push(mdl)
      k.shadow.markLive(mdl, size)
      mdls.initialize(mdl, address, bytes)
      mdls.build(mdl)
      space.w16(mdl + MDL.MdlFlags, LOCKED)
      return mdl
    },
    release() {
      for (const mdl of made.splice(0)) objects.destroy(mdl)
      for (const address of blocks.splice(0)) pool.free(address, site.s)
    },
  }
}
