import type { Kernel } from '../kernel/kernel'
import { SHADOW } from '../memory/map'
import { SYS_DESCRIPTOR } from '../memory/records'
import { ALLOCATED, DESCRIPTOR_HEADER, POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import { LONGEST_CHAIN, type Mdls } from '../ndis/mdl'
import { NB, type NetBufferChain } from '../ndis/net-buffer-chain'
import type { DescriptorPointers } from './descriptor-pointer'
import { hex } from './hex'
import type { ViolationDetails } from './verifier'

/** What every rule asks first of a NET_BUFFER whose data is worked on. `true`: the call must not be carried out. */
export interface NetBufferLook {
  /** Freed, or with a chain that goes in a circle or leads to no MDL. Reports, too, members that contradict each other. */
  bad(fn: string, netBuffer: number): boolean
  /** The same for a function that starts at CurrentMdl: that must be an MDL of the chain. */
  badCurrent(fn: string, netBuffer: number): boolean
  /** Only whether the chain can be followed. */
  badChain(fn: string, netBuffer: number): boolean
  /** true when the structure at the address was freed, which the check of its pointer has reported. */
  isFreed(address: number): boolean
  details(netBuffer: number): ViolationDetails
}

export function createNetBufferLook(
  k: Kernel,
  pools: DescriptorPools,
  mdls: Mdls,
  chain: NetBufferChain,
  pointers: DescriptorPointers,
): NetBufferLook {
  const { violation } = k.verifier
  const { get } = chain
  /** Of the chain that was followed last: its bytes, and where in them CurrentMdl begins (-1: it is not there). */
  let total = 0
  let currentStart = -1

  const details = (netBuffer: number): ViolationDetails => ({
    object: { kind: 'NET_BUFFER', address: netBuffer, offset: 0, size: NB.SIZE },
  })
  function isFreed(address: number): boolean {
    if (k.shadow.at(address) === SHADOW.FREED) return true
    const pooled = pools.poolOf(address, POOL_KIND.NET_BUFFER) || pools.poolOf(address, POOL_KIND.NET_BUFFER_LIST)
    return pooled !== 0 && (pools.get(address - DESCRIPTOR_HEADER, SYS_DESCRIPTOR.State) & ALLOCATED) === 0
  }

  function badChain(fn: string, netBuffer: number): boolean {
    const current = get(netBuffer, NB.CurrentMdl)
    let mdl = get(netBuffer, NB.MdlChain)
    total = 0
    currentStart = -1
    for (let links = 0; mdl !== 0; links++, mdl = mdls.next(mdl)) {
      if (pointers.badMdl(fn, mdl)) return true
      if (links >= LONGEST_CHAIN) {
        violation(
          'MdlChainLoop',
          fn,
          `The MDL chain of the NET_BUFFER at ${hex(netBuffer)} goes in a circle: ${fn} would never come to its end.`,
          details(netBuffer),
        )
        return true
      }
      if (mdl === current) currentStart = total
      total += mdls.byteCount(mdl)
    }
    return false
  }
  /** DDI ndisallocatenetbuffer: the four members that say where the data lies must agree. */
  function members(fn: string, netBuffer: number): void {
    const offset = get(netBuffer, NB.DataOffset)
    const length = get(netBuffer, NB.DataLength)
    if (offset + length > total)
      violation(
        'NetBufferDataLength',
        fn,
        `The NET_BUFFER at ${hex(netBuffer)} says ${length} bytes of data behind ${offset} unused ones, but its MDLs have ${total} bytes.`,
        details(netBuffer),
      )
    const currentOffset = get(netBuffer, NB.CurrentMdlOffset)
    if (total > 0 && currentStart >= 0 && currentStart + currentOffset !== offset)
      violation(
        'NetBufferCurrentMdl',
        fn,
        `CurrentMdl and CurrentMdlOffset of the NET_BUFFER at ${hex(netBuffer)} lead to byte ${currentStart + currentOffset} of its MDLs, but its DataOffset is ${offset}; NdisAdjustNetBufferCurrentMdl follows a change of DataOffset.`,
        details(netBuffer),
      )
  }
  function notInChain(fn: string, netBuffer: number): boolean {
    if (currentStart >= 0 || total === 0) return false
    violation(
      'NetBufferCurrentMdl',
      fn,
      `CurrentMdl of the NET_BUFFER at ${hex(netBuffer)} is ${hex(get(netBuffer, NB.CurrentMdl))}, which is no MDL of its chain.`,
      details(netBuffer),
    )
    return true
  }
  function bad(fn: string, netBuffer: number): boolean {
    if (isFreed(netBuffer) || badChain(fn, netBuffer)) return true
    members(fn, netBuffer)
    return false
  }
  return {
    bad,
    badCurrent: (fn, netBuffer) => bad(fn, netBuffer) || notInChain(fn, netBuffer),
    badChain,
    isFreed,
    details,
  }
}
