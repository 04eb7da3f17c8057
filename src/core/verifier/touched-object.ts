import type { Kernel } from '../kernel/kernel'
import { SHADOW } from '../memory/map'
import { SYS_BLOCK, SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import type { AddressSpace } from '../memory/address-space'
import type { Shadow } from '../memory/shadow'
import { BLOCK_ALLOCATED, BLOCK_KIND, OWNER_NDIS, type TaggedPool } from '../memory/tagged-pool'
import { ALLOCATED, DESCRIPTOR_HEADER } from '../ndis/descriptor-pool'
import { counted } from './counted'
import { hex, tagText } from './hex'
import type { ViolationDetails } from './verifier'

/** What lies at an address, or what the address lies next to. */
export interface FoundObject {
  /** 'pool memory', 'shared memory', 'lookaside block', the struct of a descriptor, 'NDIS_PACKET pool' ... */
  readonly kind: string
  readonly address: number
  readonly size: number
  readonly tag: number
  readonly live: boolean
  /** It is memory of NDIS itself. */
  readonly ndis: boolean
  /** Call sites, 0 for none. */
  readonly allocated: number
  readonly freed: number
}
export interface ObjectFinder {
  /** The block or descriptor whose bytes, header or guard hold the address; undefined outside of the pool. */
  at(address: number): FoundObject | undefined
}

const DESCRIPTORS = ['', 'NDIS_PACKET', 'NDIS_BUFFER', 'NET_BUFFER', 'NET_BUFFER_LIST'] as const
/** By SYS_BLOCK.Kind. */
const KINDS: Readonly<Record<number, string>> = {
  [BLOCK_KIND.SHARED]: 'shared memory',
  [BLOCK_KIND.LOOKASIDE]: 'lookaside block',
  ...Object.fromEntries(DESCRIPTORS.map((name, kind) => [BLOCK_KIND.DESCRIPTOR_POOL + kind, `${name} pool`])),
}
/** Descriptors that have a block of their own, by its kind. */
const ALONE: Readonly<Record<number, string>> = { ...DESCRIPTORS, 0: '', [BLOCK_KIND.MDL]: 'MDL' }

interface Parts {
  readonly space: AddressSpace
  readonly shadow: Shadow
  readonly pool: TaggedPool
}

export function createObjectFinder({ space, shadow, pool }: Parts): ObjectFinder {
  const get = (address: number, field: number): number => space.i32[(address + field) >> 2]!
  const isPool = (address: number): boolean =>
    shadow.at(address) === SHADOW.HEADER && (DESCRIPTORS[get(address, SYS_POOL.Kind)] ?? '') !== ''

  function descriptor(owner: number, start: number): FoundObject {
    const record = start - DESCRIPTOR_HEADER
    const live = (get(record, SYS_DESCRIPTOR.State) & ALLOCATED) !== 0
    return {
      kind: DESCRIPTORS[get(owner, SYS_POOL.Kind)] || 'descriptor',
      address: start,
      size: get(owner, SYS_POOL.DescriptorSize),
      tag: get(owner, SYS_POOL.Tag),
      live,
      ndis: false,
      allocated: get(record, SYS_DESCRIPTOR.AllocSite),
      // That of an earlier life says nothing.
      freed: live ? 0 : get(record, SYS_DESCRIPTOR.FreeSite),
    }
  }
  /** A descriptor of the static part of a pool. */
  function inPool(owner: number, address: number): FoundObject | undefined {
    const first = get(owner, SYS_POOL.First)
    const stride = get(owner, SYS_POOL.Stride)
    if (stride <= 0 || address < first - DESCRIPTOR_HEADER || address >= get(owner, SYS_POOL.End)) return undefined
    return descriptor(owner, first + Math.floor((address - first + DESCRIPTOR_HEADER) / stride) * stride)
  }
  /** A descriptor that has a block of its own, or had it. */
  function alone(block: number): FoundObject | undefined {
    const kind = ALONE[get(block, SYS_BLOCK.Kind)]
    if (!kind) return undefined
    const found = memory(block)
    return { ...found, kind, address: found.address + DESCRIPTOR_HEADER, size: found.size - DESCRIPTOR_HEADER }
  }
  function memory(block: number): FoundObject {
    const live = get(block, SYS_BLOCK.State) === BLOCK_ALLOCATED && get(block, SYS_BLOCK.FreeSite) === 0
    return {
      kind: KINDS[get(block, SYS_BLOCK.Kind)] ?? 'pool memory',
      address: pool.dataOf(block),
      size: pool.sizeOf(block),
      tag: get(block, SYS_BLOCK.PoolTag),
      live,
      ndis: get(block, SYS_BLOCK.Owner) === OWNER_NDIS,
      allocated: get(block, SYS_BLOCK.AllocSite),
      freed: get(block, SYS_BLOCK.FreeSite),
    }
  }
  return {
    at(address) {
      const block = pool.blockOf(address)
      if (block === 0) return undefined
      const data = pool.dataOf(block)
      const isLive = get(block, SYS_BLOCK.State) === BLOCK_ALLOCATED
      return (isLive && isPool(data) ? inPool(data, address) : alone(block)) ?? memory(block)
    },
  }
}

const SIZED: Readonly<Record<string, string>> = { 'pool memory': 'block', 'lookaside block': 'lookaside block' }

/** "the 64-byte block tagged 'Abcd'", "the NDIS_PACKET at 0x00200100". */
export function objectText({ kind, address, size, tag }: FoundObject): string {
  const block = SIZED[kind]
  return block ? `the ${size}-byte ${block} tagged '${tagText(tag)}'` : `the ${kind} at ${hex(address)}`
}
const bytes = (count: number): string => counted(count, 'byte')

/** Where an address is, seen from an object. */
export function placeText(found: FoundObject, address: number): string {
  const offset = address - found.address
  if (offset < 0) return `${bytes(-offset)} before the start of ${objectText(found)}`
  if (offset === 0) return `at the start of ${objectText(found)}`
  if (offset < found.size) return `${bytes(offset)} into ${objectText(found)}`
  const past = offset - found.size
  return `${past === 0 ? 'right behind' : `${bytes(past)} past`} the end of ${objectText(found)}`
}

export const foundDetails = (found: FoundObject | undefined, address: number): ViolationDetails =>
  found
    ? {
        allocated: found.allocated,
        freed: found.freed,
        object: { kind: found.kind, address: found.address, offset: address - found.address, size: found.size },
      }
    : {}
/** What is known of what begins at an address. */
export const objectDetails = ({ finder }: Kernel, address: number): ViolationDetails =>
  foundDetails(finder.at(address), address)
