import type { CallSite } from '../../shared/engine'
import { ACQUIRE_FORM, ACTIVATION, BLOCK_ALLOCATED, POOL_FLAG, POOL_KIND, TICK_NS } from '../../shared/memory-map'
import type {
  ActivationView,
  AllocationView,
  CpuView,
  DescriptorForm,
  DescriptorView,
  LockView,
  MachineView,
  PoolView,
} from '../../shared/views'
import type { RecordReader } from './record-reader'

/** Lists in memory may be spoiled by the driver: no walk is longer. */
const LONGEST_WALK = 1_000_000
const MACHINE_STATES = ['idle', 'running', 'finished', 'bugchecked'] as const
const ACTIVATION_KINDS: Readonly<Record<number, ActivationView['kind']>> = {
  [ACTIVATION.THREAD]: 'thread',
  [ACTIVATION.DPC]: 'DPC',
  [ACTIVATION.ISR]: 'ISR',
  [ACTIVATION.TIMER]: 'timer DPC',
  [ACTIVATION.WORK_ITEM]: 'work item',
  [ACTIVATION.SYNCHRONIZED]: 'synchronized',
  [ACTIVATION.CALLBACK]: 'callback',
}
const POOL_KINDS: Readonly<Record<number, PoolView['kind']>> = {
  [POOL_KIND.PACKET]: 'packet',
  [POOL_KIND.BUFFER]: 'buffer',
  [POOL_KIND.NET_BUFFER]: 'NET_BUFFER',
  [POOL_KIND.NET_BUFFER_LIST]: 'NET_BUFFER_LIST',
}
/** By SYS_POOL.Kind, then by the form bits of SYS_DESCRIPTOR.State. */
const FORMS: readonly (readonly DescriptorForm[])[] = [
  ['plain'],
  ['plain', 'Dpr', 'NonInterlocked'],
  ['plain'],
  ['plain', 'with MDL and data'],
  ['plain', 'clone', 'fragments', 'reassembled'],
]
const ACQUIRE_FORMS: Readonly<Record<number, NonNullable<LockView['acquireForm']>>> = {
  [ACQUIRE_FORM.PLAIN]: 'NdisAcquireSpinLock',
  [ACQUIRE_FORM.DPR]: 'NdisDprAcquireSpinLock',
  [ACQUIRE_FORM.KERNEL]: 'KeAcquireSpinLock',
  [ACQUIRE_FORM.KERNEL_DPC]: 'KeAcquireSpinLockAtDpcLevel',
  [ACQUIRE_FORM.INTERLOCKED]: 'interlocked call',
  [ACQUIRE_FORM.IN_STACK]: 'KeAcquireInStackQueuedSpinLock',
}

/** Everything that panels show of the machine, read from shared memory: the worker is never asked. */
export class MachineViews {
  readonly #read: RecordReader
  readonly #machine: number
  readonly #sites: readonly CallSite[]
  /** `machine`: address of SYS_MACHINE; `sites`: call sites by number. */
  constructor(read: RecordReader, machine: number, sites: readonly CallSite[]) {
    this.#read = read
    this.#machine = machine
    this.#sites = sites
  }

  site(number: number): CallSite | undefined {
    return number > 0 ? this.#sites[number] : undefined
  }
  #field(name: string): number {
    return this.#read.get('SYS_MACHINE', this.#machine, name)
  }
  /** Virtual time, nanoseconds. */
  timeNs(): number {
    const low = this.#field('SliceEnd')
    const offset = this.#read.tables.get('SYS_MACHINE')!.fields.find((field) => field.name === 'SliceEnd')!.offset
    const high = this.#read.u32(this.#machine + offset + 4)
    return (high * 0x1_0000_0000 + low - (this.#field('Slice') | 0)) * TICK_NS
  }

  machine(state: MachineView['state'], events: number): MachineView {
    const cpu = this.#field('CurrentCpu')
    const cpus = this.cpus()
    const recorded = MACHINE_STATES[this.#field('State')] ?? 'idle'
    return {
      state: recorded === 'bugchecked' && state !== 'stopped' ? 'bugchecked' : state,
      cpu,
      irql: cpus[cpu]?.irql ?? 0,
      timeNs: this.timeNs(),
      events,
      seed: this.#field('Seed'),
      platform: this.#field('Platform') === 1 ? 'ce' : 'nt',
      cpus,
    }
  }

  cpus(): CpuView[] {
    const count = Math.min(8, this.#field('CpuCount'))
    const base = this.#field('Cpus')
    const size = this.#read.size('SYS_CPU')
    const activations = this.activations()
    return Array.from({ length: count }, (_unused, cpu) => {
      const at = base + cpu * size
      const get = (field: string): number => this.#read.get('SYS_CPU', at, field)
      return {
        cpu,
        irql: get('Irql'),
        locksHeld: get('LocksHeld'),
        dpcsQueued: get('DpcsQueued'),
        interruptsPending: get('InterruptsPending'),
        activations: activations.filter((entry) => entry.cpu === cpu).map(({ cpu: _cpu, ...view }) => view),
      }
    })
  }

  /** Live activations of all CPUs, outermost first. */
  activations(): (ActivationView & { readonly cpu: number })[] {
    const depth = Math.min(64, this.#field('ActivationDepth'))
    const base = this.#field('Activations')
    const size = this.#read.size('SYS_ACTIVATION')
    return Array.from({ length: depth }, (_unused, index) => {
      const get = (field: string): number => this.#read.get('SYS_ACTIVATION', base + index * size, field)
      return {
        index,
        cpu: get('Cpu'),
        kind: ACTIVATION_KINDS[get('Kind')] ?? 'callback',
        name: this.#read.ascii(get('Name')),
        irql: get('Irql'),
      }
    })
  }

  #poolRecords(): number[] {
    const pools: number[] = []
    for (
      let pool = this.#field('Pools');
      pool !== 0 && pools.length < LONGEST_WALK;
      pool = this.#read.get('SYS_POOL', pool, 'Next')
    )
      pools.push(pool)
    return pools.reverse()
  }
  #descriptorState(descriptor: number): number {
    return this.#read.get('SYS_DESCRIPTOR', descriptor - this.#read.size('SYS_DESCRIPTOR'), 'State')
  }
  /** Descriptors of the static part, then those that came from tagged pool. */
  #descriptors(pool: number): { readonly address: number; readonly beyond: boolean }[] {
    const get = (field: string): number => this.#read.get('SYS_POOL', pool, field)
    const list: { address: number; beyond: boolean }[] = []
    const stride = get('Stride')
    if (stride > 0)
      for (let d = get('First'); d < get('End') && list.length < LONGEST_WALK; d += stride)
        list.push({ address: d, beyond: false })
    const header = this.#read.size('SYS_DESCRIPTOR')
    for (
      let record = get('Live');
      record !== 0 && list.length < LONGEST_WALK;
      record = this.#read.get('SYS_DESCRIPTOR', record, 'Next')
    )
      list.push({ address: record + header, beyond: true })
    return list
  }

  pools(): PoolView[] {
    return this.#poolRecords().flatMap((address) => {
      const get = (field: string): number => this.#read.get('SYS_POOL', address, field)
      if ((get('Flags') & POOL_FLAG.WORKBENCH) !== 0) return []
      const descriptors = this.#descriptors(address)
      const inUse = descriptors.filter(
        ({ address: d, beyond }) => beyond || (this.#descriptorState(d) & 1) !== 0,
      ).length
      const staticHigh = get('Stride') > 0 ? (get('Frontier') - get('First')) / get('Stride') : 0
      const allocatedAt = this.site(get('AllocSite'))
      const freedAt = get('State') === 1 ? undefined : this.site(get('FreeSite'))
      return {
        address,
        kind: POOL_KINDS[get('Kind')] ?? 'packet',
        tag: this.#read.tag(get('Tag')),
        state: get('State') === 1 ? 'live' : 'freed',
        capacity: get('Capacity'),
        overflow: get('Overflow'),
        inUse,
        highWater: staticHigh + get('HighWater'),
        descriptorSize: get('DescriptorSize'),
        reservedLength: get('ReservedLength'),
        dataSize: get('DataSize'),
        ...(allocatedAt && { allocatedAt }),
        ...(freedAt && { freedAt }),
      }
    })
  }

  descriptors(pool: number, start: number, count: number): { total: number; descriptors: DescriptorView[] } {
    if (!this.#poolRecords().includes(pool)) return { total: 0, descriptors: [] }
    const all = this.#descriptors(pool)
    return {
      total: all.length,
      descriptors: all
        .slice(start, start + count)
        .map(({ address, beyond }, i) => this.#descriptor(pool, address, beyond, start + i)),
    }
  }
  #descriptor(pool: number, address: number, beyond: boolean, index: number): DescriptorView {
    const ofPool = (field: string): number => this.#read.get('SYS_POOL', pool, field)
    const record = address - this.#read.size('SYS_DESCRIPTOR')
    const get = (field: string): number => this.#read.get('SYS_DESCRIPTOR', record, field)
    const word = get('State')
    const allocated = beyond || (word & 1) !== 0
    const fresh = !beyond && address >= ofPool('Frontier')
    const allocatedAt = this.site(get('AllocSite'))
    const freedAt = this.site(get('FreeSite'))
    return {
      index,
      address,
      state: fresh ? 'fresh' : allocated ? ((word & 16) !== 0 ? 'loaned' : 'allocated') : 'free',
      ...(allocated && !fresh && { form: FORMS[ofPool('Kind')]?.[(word >> 1) & 3] ?? 'plain' }),
      ...(beyond && ofPool('Capacity') > 0 && { overflow: true }),
      ...(allocatedAt && !fresh && { allocatedAt }),
      ...(freedAt && !allocated && !fresh && { freedAt }),
    }
  }

  locks(): LockView[] {
    const locks: LockView[] = []
    const now = this.timeNs()
    for (
      let record = this.#field('Locks');
      record !== 0 && locks.length < LONGEST_WALK;
      record = this.#read.get('SYS_LOCK', record, 'Next')
    ) {
      const at = record
      const get = (field: string): number => this.#read.get('SYS_LOCK', at, field)
      const state = (['freed', 'free', 'held'] as const)[get('State')] ?? 'free'
      const acquiredAt = this.site(get('AcquireSite'))
      const longestAt = this.site(get('LongestSite'))
      const acquireForm = ACQUIRE_FORMS[get('AcquireForm')]
      locks.push({
        address: get('Address'),
        state,
        savedIrql: this.#read.bytes[get('Address') + 4] ?? 0,
        acquires: get('Acquires'),
        releases: get('Releases'),
        ...(state === 'held' && {
          ownerCpu: get('OwnerCpu'),
          heldNs: now - (get('AcquireHigh') * 0x1_0000_0000 + get('AcquireLow')) * TICK_NS,
        }),
        ...(acquiredAt && { acquiredAt }),
        ...(acquireForm && { acquireForm }),
        ...(longestAt && { longestNs: get('LongestHold') * TICK_NS, longestAt }),
      })
    }
    return locks.reverse()
  }

  /** Blocks of tagged pool in address order; `filter` matches tag, address or owner. */
  allocations(
    start: number,
    count: number,
    filter = '',
  ): { total: number; bytes: number; allocations: AllocationView[] } {
    const allocations: AllocationView[] = []
    let total = 0
    let bytes = 0
    const end = this.#field('HeapEnd')
    const wanted = filter.toLowerCase()
    const header = this.#read.size('SYS_BLOCK')
    for (let block = this.#field('HeapStart'), steps = 0; block < end && steps < LONGEST_WALK; steps++) {
      const at = block
      const get = (field: string): number => this.#read.get('SYS_BLOCK', at, field)
      const size = get('TotalSize')
      const allocatedAt = this.site(get('AllocSite'))
      const freedAt = this.site(get('FreeSite'))
      const view: AllocationView = {
        address: at + header,
        size: get('Size'),
        tag: this.#read.tag(get('PoolTag')),
        owner: get('Owner') === 0 ? 'driver' : 'NDIS',
        state: get('State') === BLOCK_ALLOCATED ? 'allocated' : 'freed',
        ...(allocatedAt && { allocatedAt }),
        ...(freedAt && get('State') !== BLOCK_ALLOCATED && { freedAt }),
      }
      if (
        wanted === '' ||
        `${view.tag} ${view.address.toString(16)} ${view.owner} ${view.state}`.toLowerCase().includes(wanted)
      ) {
        if (view.state === 'allocated') bytes += view.size
        if (total >= start && allocations.length < count) allocations.push(view)
        total++
      }
      if (size < header || size > this.#read.view.byteLength) break
      block += size
    }
    return { total, bytes, allocations }
  }
}
