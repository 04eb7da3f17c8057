import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { DriverLife } from '../ndis/driver'
import { LONGEST_CHAIN, type Mdls } from '../ndis/mdl'
import { NB, type NetBufferChain } from '../ndis/net-buffer-chain'
import { NBL_FIRST_NET_BUFFER } from '../ndis/net-buffer-data'
import type { RetreatMdls } from '../ndis/retreat-mdl'
import type { DescriptorPointers } from './descriptor-pointer'
import { hex } from './hex'
import type { NetBufferLook } from './net-buffer-look'
import type { RuleFamily } from './rules'

const NBL_SIZE = layout('NET_BUFFER_LIST').SIZE

interface Parts {
  readonly mdls: Mdls
  readonly chain: NetBufferChain
  readonly retreatMdls: RetreatMdls
  readonly driver: DriverLife
  readonly pointers: DescriptorPointers
  readonly look: NetBufferLook
}

/** Moves of the data start: past the end, over broken chains, MDLs that nobody can free, handlers that give no MDL. */
export function netBufferDataRules(k: Kernel, parts: Parts): RuleFamily {
  const { mdls, chain, retreatMdls, driver, pointers, look } = parts
  const { violation } = k.verifier
  const { get } = chain
  /** Bytes that the retreat in hand would ask a NetAllocateMdl for. */
  let asked = 0

  /** The first MDL that an advance frees and that neither NDIS made nor, without a handler, anybody can free; 0: none. */
  function unfreeable(netBuffer: number, delta: number): number {
    const current = get(netBuffer, NB.CurrentMdl)
    if (get(netBuffer, NB.CurrentMdlOffset) + delta < mdls.byteCount(current)) return 0
    let mdl = get(netBuffer, NB.MdlChain)
    let ahead = get(netBuffer, NB.DataOffset) + delta
    while (mdl !== 0 && retreatMdls.isMarked(mdl) && ahead >= mdls.byteCount(mdl)) {
      if (!retreatMdls.isOwn(mdl)) return mdl
      ahead -= mdls.byteCount(mdl)
      mdl = mdls.next(mdl)
    }
    return 0
  }
  function badAdvance(fn: string, netBuffer: number, delta: number, freesMdl: boolean, handler: unknown): boolean {
    if (look.bad(fn, netBuffer)) return true
    const length = get(netBuffer, NB.DataLength)
    if (delta > length) {
      violation(
        'NetBufferAdvancePastEnd',
        fn,
        `${fn} advances by ${delta} bytes, but the NET_BUFFER at ${hex(netBuffer)} has ${length} bytes of data.`,
        look.details(netBuffer),
      )
      return true
    }
    const mdl = freesMdl && !handler ? unfreeable(netBuffer, delta) : 0
    if (mdl === 0) return false
    violation(
      'NetFreeMdlMissing',
      fn,
      `${fn} is to free the MDL at ${hex(mdl)}, which came from a NetAllocateMdl of the driver, and is given no NetFreeMdl.`,
      look.details(netBuffer),
    )
    return true
  }

  /** true when the list cannot be followed, or `bad` says so of one of its NET_BUFFERs. */
  function badList(fn: string, list: number, bad: (netBuffer: number) => boolean): boolean {
    if (look.isFreed(list)) return true
    let netBuffer = get(list, NBL_FIRST_NET_BUFFER)
    for (let links = 0; netBuffer !== 0; links++, netBuffer = get(netBuffer, NB.Next)) {
      if (links >= LONGEST_CHAIN) {
        violation(
          'NetBufferLoop',
          fn,
          `The NET_BUFFERs of the list at ${hex(list)} are linked in a circle: ${fn} would never come to their end.`,
          { object: { kind: 'NET_BUFFER_LIST', address: list, offset: 0, size: NBL_SIZE } },
        )
        return true
      }
      if (!k.access.range(fn, netBuffer, NB.SIZE, true) || bad(netBuffer)) return true
    }
    return false
  }

  driver.returned.push((entry, result) => {
    if (entry !== 'NET_BUFFER_ALLOCATE_MDL' || !result) return
    const mdl = Number(result) >>> 0
    if (pointers.badMdl('NetAllocateMdl', mdl) || mdls.byteCount(mdl) >= asked) return
    violation(
      'NetAllocateMdlTooShort',
      'NetAllocateMdl',
      `NetAllocateMdl was asked for ${asked} bytes and gave an MDL of ${mdls.byteCount(mdl)} at ${hex(mdl)}.`,
    )
  })
  const retreated = (fn: string, netBuffer: number): void => void look.badChain(fn, netBuffer)

  return {
    before: {
      NdisRetreatNetBufferDataStart(netBuffer: number, delta: number, backFill: number) {
        asked = (delta >>> 0) + (backFill >>> 0)
        return look.bad('NdisRetreatNetBufferDataStart', netBuffer)
      },
      NdisRetreatNetBufferListDataStart(list: number, delta: number, backFill: number) {
        asked = (delta >>> 0) + (backFill >>> 0)
        const fn = 'NdisRetreatNetBufferListDataStart'
        return badList(fn, list, (netBuffer) => look.bad(fn, netBuffer))
      },
      NdisAdvanceNetBufferDataStart: (netBuffer: number, delta: number, freeMdl: number, handler: unknown) =>
        badAdvance('NdisAdvanceNetBufferDataStart', netBuffer, delta >>> 0, Boolean(freeMdl), handler),
      NdisAdvanceNetBufferListDataStart(list: number, delta: number, freeMdl: number, handler: unknown) {
        const fn = 'NdisAdvanceNetBufferListDataStart'
        return badList(fn, list, (netBuffer) => badAdvance(fn, netBuffer, delta >>> 0, Boolean(freeMdl), handler))
      },
      NdisAdjustNetBufferCurrentMdl: (netBuffer: number) =>
        look.isFreed(netBuffer) || look.badChain('NdisAdjustNetBufferCurrentMdl', netBuffer),
    },
    after: {
      NdisRetreatNetBufferDataStart: (_status: number, netBuffer: number) =>
        retreated('NdisRetreatNetBufferDataStart', netBuffer),
    },
  }
}
