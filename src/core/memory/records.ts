import type { AddressSpace } from './address-space'
import { SYSTEM_TABLES } from './structs/system.table'

/** Byte offsets of the fields of NDIS's own records, derived from their tables: `SYS_POOL.FreeList`. */
export type Offsets<F extends string> = Readonly<Record<F, number>> & { readonly SIZE: number }

function offsets<F extends string>(name: string, ...fields: readonly F[]): Offsets<F> {
  const table = SYSTEM_TABLES.find((entry) => entry.name === name)
  if (!table) throw new Error(`no system table ${name}`)
  const pairs = fields.map((field): [string, number] => {
    const entry = table.fields.find((candidate) => candidate.name === field)
    if (!entry) throw new Error(`${name} has no field ${field}`)
    return [field, entry.offset]
  })
  return { ...(Object.fromEntries(pairs) as Record<F, number>), SIZE: table.size }
}

export const SYS_MACHINE = offsets(
  'SYS_MACHINE',
  'Signature', 'State', 'Slice', 'CurrentCpu', 'SliceEnd', 'CpuCount', 'Cpus', 'ActivationDepth', 'Activations', 'Seed',
  'Platform', 'Pools', 'Locks', 'HeapStart', 'HeapEnd', 'HeapLimit', 'ImageStart', 'ImageEnd', 'Shadow', 'BugcheckCode', 'Irqs', 'Where', 'LocksHeld', 'Context',
  'Devices', 'Links',
) // prettier-ignore
export const SYS_DEVICE = offsets('SYS_DEVICE', 'Next', 'Slot', 'Name', 'State', 'StateBytes')
export const SYS_LINK = offsets(
  'SYS_LINK',
  'Next', 'Slot', 'OtherEnd', 'Speed', 'Cable', 'SpeedLimit', 'DelayNs', 'LossPpm', 'DuplicatePpm', 'ReorderPpm', 'CorruptPpm',
  'OutFrames', 'OutBytes', 'InFrames', 'InBytes', 'OutLost', 'InLost', 'Duplicated', 'Reordered', 'Corrupted', 'InFlight',
) // prettier-ignore
export const SYS_CPU = offsets('SYS_CPU', 'Irql', 'LocksHeld', 'DpcsQueued', 'InterruptsPending', 'Activation')
export const SYS_ACTIVATION = offsets(
  'SYS_ACTIVATION',
  'Cpu', 'Kind', 'Irql', 'LocksAtEntry', 'Name', 'StartLow', 'StartHigh', 'Function',
) // prettier-ignore
export const SYS_BLOCK = offsets(
  'SYS_BLOCK',
  'Check', 'State', 'TotalSize', 'Size', 'AllocSite', 'AllocEvent', 'FreeSite', 'Owner', 'Kind', 'PoolHeader', 'PoolTag',
) // prettier-ignore
export const SYS_POOL = offsets(
  'SYS_POOL',
  'FreeList', 'Frontier', 'End', 'First', 'Kind', 'State', 'Tag', 'Stride', 'DescriptorSize', 'Capacity', 'Overflow',
  'OverflowInUse', 'ReservedLength', 'DataSize', 'ContextSize', 'Flags', 'ProtocolId', 'AllocSite', 'FreeSite', 'Next',
  'InUse', 'HighWater', 'Live', 'Template',
) // prettier-ignore
export const SYS_DESCRIPTOR = offsets(
  'SYS_DESCRIPTOR',
  'State', 'AllocSite', 'FreeSite', 'AllocEvent', 'Next', 'Prev', 'Pool', 'Length', 'Way', 'SentSite', 'SentLow', 'SentHigh',
) // prettier-ignore
export const SYS_LOCK = offsets(
  'SYS_LOCK',
  'Address', 'State', 'OwnerCpu', 'OwnerActivation', 'AcquireSite', 'AcquireForm', 'AcquireLow', 'AcquireHigh', 'InitSite',
  'Acquires', 'Releases', 'Next', 'LongestHold', 'LongestSite',
) // prettier-ignore

/** Bump allocator for NDIS's own records; they live as long as the machine. Throws when the system area is full. */
export function createSystemArea(space: AddressSpace, start: number, end: number) {
  let next = start
  return {
    allocate(bytes: number): number {
      const address = next
      next += (bytes + 7) & ~7
      if (next > end) throw new Error('the system area is full')
      return address
    },
    /** Zero-terminated ASCII, each text once. */
    intern: (() => {
      const known = new Map<string, number>()
      return function intern(this: { allocate(bytes: number): number }, text: string): number {
        const old = known.get(text)
        if (old !== undefined) return old
        const address = this.allocate(text.length + 1)
        space.writeAscii(address, text)
        known.set(text, address)
        return address
      }
    })(),
  }
}
export type SystemArea = ReturnType<typeof createSystemArea>
