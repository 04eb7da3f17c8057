/** What panels show. Computed in the host from shared memory; addresses are plain numbers, times nanoseconds of virtual time. */
import type { LinkOptions } from '../core/wire/formats/link-options'
import type { CallSite } from './engine'

export interface MachineView {
  readonly state: 'idle' | 'loading' | 'running' | 'stopped' | 'finished' | 'bugchecked'
  readonly cpu: number
  readonly irql: number
  readonly timeNs: number
  readonly events: number
  readonly seed: number
  readonly platform: 'nt' | 'ce'
  readonly cpus: readonly CpuView[]
}

export interface CpuView {
  readonly cpu: number
  readonly irql: number
  readonly locksHeld: number
  readonly dpcsQueued: number
  readonly interruptsPending: number
  /** Innermost last. Empty when idle. */
  readonly activations: readonly ActivationView[]
}

export interface ActivationView {
  readonly index: number
  readonly kind: 'thread' | 'DPC' | 'ISR' | 'timer DPC' | 'work item' | 'synchronized' | 'callback'
  readonly name: string
  readonly irql: number
}

export type PoolKind = 'packet' | 'buffer' | 'NET_BUFFER' | 'NET_BUFFER_LIST'

export interface PoolView {
  readonly address: number
  readonly kind: PoolKind
  readonly tag: string
  readonly state: 'live' | 'freed'
  /** 0: no fixed limit. */
  readonly capacity: number
  readonly overflow: number
  readonly inUse: number
  readonly highWater: number
  readonly descriptorSize: number
  readonly reservedLength: number
  readonly dataSize: number
  readonly allocatedAt?: CallSite
  readonly freedAt?: CallSite
}

export type DescriptorState = 'fresh' | 'free' | 'allocated' | 'loaned'

/** How a descriptor was allocated; which of them there are depends on the kind of its pool. */
export type DescriptorForm =
  'plain' | 'Dpr' | 'NonInterlocked' | 'with MDL and data' | 'clone' | 'fragments' | 'reassembled'

export interface DescriptorView {
  readonly index: number
  readonly address: number
  readonly state: DescriptorState
  readonly form?: DescriptorForm
  /** Beyond the capacity; never in a pool without a fixed limit. */
  readonly overflow?: boolean
  readonly allocatedAt?: CallSite
  readonly freedAt?: CallSite
}

export interface LockView {
  readonly address: number
  readonly state: 'freed' | 'free' | 'held'
  readonly ownerCpu?: number
  readonly savedIrql: number
  readonly acquiredAt?: CallSite
  readonly acquireForm?:
    | 'NdisAcquireSpinLock'
    | 'NdisDprAcquireSpinLock'
    | 'KeAcquireSpinLock'
    | 'KeAcquireSpinLockAtDpcLevel'
    | 'interlocked call'
    | 'KeAcquireInStackQueuedSpinLock'
  readonly heldNs?: number
  /** The longest hold that has ended, and where it began; not with the rules off. */
  readonly longestNs?: number
  readonly longestAt?: CallSite
  readonly acquires: number
  readonly releases: number
}

export interface AllocationView {
  readonly address: number
  readonly size: number
  readonly tag: string
  readonly owner: 'driver' | 'NDIS'
  readonly state: 'allocated' | 'freed'
  readonly allocatedAt?: CallSite
  readonly freedAt?: CallSite
}

/** Per byte: what kind of byte it is. One character each so that a window of 4 KiB stays small. */
export type ByteKind =
  | '.' // live
  | 'f' // fresh: allocated, never written
  | 'x' // freed
  | 'g' // guard
  | 'h' // pool header or NDIS's own record
  | 'n' // null page (no digit, so that the run-length form below stays unambiguous)
  | 'u' // unmapped

export interface MemoryView {
  readonly address: number
  /** base64. */
  readonly data: string
  /** Run-length: '16h32.8g'. */
  readonly kinds: string
  /** What the address lies in. */
  readonly object?: {
    readonly kind: string
    readonly address: number
    readonly size: number
    readonly tag?: string
    readonly state: string
    readonly struct?: string
  }
  readonly unreadableBytes: number
}

export interface StructFieldView {
  readonly name: string
  readonly path: string
  readonly offset: number
  readonly size: number
  readonly ctype: string
  readonly value: string
  /** Set for pointers: address and the table that fits. */
  readonly pointer?: { readonly address: number; readonly struct?: string }
  readonly children?: readonly StructFieldView[]
}

export interface EventRow {
  readonly index: number
  readonly timeNs: number
  readonly cpu: number
  readonly irql: number
  readonly what: string
  readonly text: string
  readonly site?: CallSite
}

/** Struct tables as data (out/data/structs.json). */
export type { FieldTable, StructTable } from '../core/memory/structs/types'

/** Register maps of NICs as data (out/data/nics.json). */
export type {
  BitField,
  BytePattern,
  DescriptorField,
  DescriptorLayout,
  NicTable,
  RegisterTable,
  RingTable,
} from '../core/nic/register-table'

/** A NIC on the bus. Its registers are described by the NicTable whose `device` is its name. */
export interface NicView {
  /** Slot on the bus, from 0. */
  readonly slot: number
  readonly name: string
  readonly link?: LinkView
}

/** The link of a NIC and what passed it, counted at the NIC's end. */
export interface LinkView {
  readonly otherEnd: string
  /** Megabits a second; 0: no link. */
  readonly speed: number
  readonly cable: boolean
  /** What can be changed, as it is now. */
  readonly options: Omit<LinkOptions, 'pulls'>
  readonly out: LinkTraffic
  readonly in: LinkTraffic
  /** Both ways. */
  readonly duplicated: number
  readonly reordered: number
  readonly corrupted: number
  /** On the line now. */
  readonly inFlight: number
}
export interface LinkTraffic {
  readonly frames: number
  /** Without preamble and check sequence. */
  readonly bytes: number
  readonly lost: number
}

/** Whose a descriptor is: h the hardware's, d the driver's with the device being done with it, e likewise with an error in it, . the driver's. */
export type DescriptorOwner = 'h' | 'd' | 'e' | '.'

/** A ring of descriptors as it lies in memory; addresses are virtual ones, unless they are said to be physical. */
export interface RingView {
  /** Physical address that the registers give. */
  readonly base: number
  /** The address of descriptor 0; undefined when there is no memory. */
  readonly address?: number
  /** Descriptors. */
  readonly length: number
  readonly head: number
  readonly tail?: number
  /** Why there is no ring, or what is wrong with it, in plain words. */
  readonly problem?: string
  /** One DescriptorOwner each. */
  readonly owners: string
  /** Those that were asked for. */
  readonly descriptors: readonly RingDescriptor[]
}
export interface RingDescriptor {
  readonly index: number
  readonly address: number
  /** Its bytes, as hexadecimal digits. */
  readonly data: string
  /** Index in RingTable.layouts; -1: none fits. */
  readonly layout: number
  /** Address of the buffer that it points at; undefined when no memory of the driver begins there. */
  readonly buffer?: number
}
