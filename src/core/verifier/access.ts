import { ALLOCATED, DESCRIPTOR_HEADER } from '../ndis/descriptor-pool'
import { hex } from './hex'
import type { Verifier, ViolationDetails } from './verifier'
import type { AddressSpace } from '../memory/address-space'
import { NULL_END, GRANULE_SHIFT, SHADOW } from '../memory/map'
import { WINDOWS_END, WINDOWS_START, type DeviceWindows } from '../memory/device-windows'
import { SYS_BLOCK, SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import { APC_LEVEL, irqlName } from '../kernel/irql'
import { pagedBytes, type Shadow } from '../memory/shadow'
import { BLOCK_ALLOCATED, type TaggedPool } from '../memory/tagged-pool'

/** Checks what a driver touches. With the rules off nothing is checked. */
export interface Access {
  /**
   * true when the bytes are memory that may be touched as far as the machine goes on; reports a violation otherwise. Sizes
   * up to 8. false without a report for mapped device memory: such bytes are reached through the windows.
   */
  check(address: number, size: number, write: boolean): boolean
  /** The same for a whole range and in the name of an interface function. */
  range(fn: string, address: number, length: number, write: boolean): boolean
  /** true when some of the bytes are records of NDIS, or no memory: no function may work on them as the driver's. */
  reachesNdis(address: number, length: number): boolean
  /** The same for a range that may lie in mapped device memory, too. */
  mapped(fn: string, address: number, length: number, write: boolean): boolean
}

const isWindow = (address: number): boolean => address >= WINDOWS_START && address < WINDOWS_END

interface Parts {
  readonly space: AddressSpace
  readonly shadow: Shadow
  readonly pool: TaggedPool
  readonly verifier: Verifier
  readonly windows: DeviceWindows
  readonly irql: () => number
  readonly fault: (address: number, write: boolean, message: string) => never
}

export function createAccess({ space, shadow, pool, verifier, windows, irql, fault }: Parts): Access {
  const { u8, i32 } = space
  const limit = shadow.base

  const blockDetails = (block: number, address: number): ViolationDetails => ({
    allocated: i32[(block + SYS_BLOCK.AllocSite) >> 2]!,
    freed: i32[(block + SYS_BLOCK.FreeSite) >> 2]!,
    object: {
      kind: 'pool memory',
      address: pool.dataOf(block),
      offset: address - pool.dataOf(block),
      size: pool.sizeOf(block),
    },
  })

  /** A byte inside the descriptors of a pool: live when its descriptor is out. */
  function descriptor(fn: string, address: number, what: string): boolean {
    const block = pool.blockOf(address)
    const owner = pool.dataOf(block)
    const stride = i32[(owner + SYS_POOL.Stride) >> 2]!
    const first = i32[(owner + SYS_POOL.First) >> 2]!
    const start = first + Math.floor((address - first) / stride) * stride
    const record = start - DESCRIPTOR_HEADER
    if ((i32[(record + SYS_DESCRIPTOR.State) >> 2]! & ALLOCATED) !== 0) return true
    const freed = i32[(record + SYS_DESCRIPTOR.FreeSite) >> 2]!
    verifier.violation(
      'DV:SpecialPoolUseAfterFree',
      fn,
      `${what} at ${hex(address)}: the descriptor at ${hex(start)} ${freed ? 'was freed' : 'was never allocated'}.`,
      {
        allocated: i32[(record + SYS_DESCRIPTOR.AllocSite) >> 2]!,
        freed,
        object: {
          kind: 'descriptor',
          address: start,
          offset: address - start,
          size: i32[(owner + SYS_POOL.DescriptorSize) >> 2]!,
        },
      },
    )
    return true
  }

  /** The page may be out, and above APC_LEVEL none can be brought in; the run goes on as if it were there. */
  function paged(fn: string, address: number, what: string): true {
    const block = pool.blockOf(address)
    if (irql() > APC_LEVEL)
      verifier.violation(
        'DV:PageableAtRaisedIrql',
        fn,
        `${what} of paged pool at ${hex(address)} at ${irqlName(irql())}: above APC_LEVEL its page cannot be brought in.`,
        blockDetails(block, address),
      )
    return true
  }

  /** The slow part: the shadow says that this byte is not plainly live. true: the access is carried out. */
  function report(fn: string, address: number, write: boolean): boolean {
    if (verifier.muted) return false
    const shadowed = shadow.at(address)
    const pageable = pagedBytes(shadowed)
    const what = write ? 'A write' : 'A read'
    if ((address & 7) < pageable) return paged(fn, address, what)
    const state = pageable || shadowed
    if (state === SHADOW.DESCRIPTOR) return descriptor(fn, address, what)
    const block = pool.blockOf(address)
    if (state === SHADOW.FREED) {
      verifier.violation(
        'DV:SpecialPoolUseAfterFree',
        fn,
        `${what} at ${hex(address)}, ${address - pool.dataOf(block)} bytes into a block of ${pool.sizeOf(block)} that was freed.`,
        blockDetails(block, address),
      )
      return true
    }
    if (block !== 0 && (state === SHADOW.GUARD || state === SHADOW.HEADER || state < 8)) {
      const data = pool.dataOf(block)
      const past = address - data - pool.sizeOf(block)
      const live = i32[(block + SYS_BLOCK.State) >> 2] === BLOCK_ALLOCATED
      const where =
        past >= 0
          ? `${past + 1} byte${past ? 's' : ''} past the end of a block of ${pool.sizeOf(block)}`
          : 'outside any live object'
      verifier.violation(
        'DV:SpecialPoolOverrun',
        fn,
        `${what} at ${hex(address)}, ${where}.`,
        live ? blockDetails(block, address) : {},
      )
      // What lies there belongs to NDIS: reading shows it, writing is kept from it, but a guard takes the bytes.
      return !write || state !== SHADOW.HEADER
    }
    if (state === SHADOW.UNMAPPED || state === SHADOW.SYSTEM) {
      const isNull = address < NULL_END
      const null_ = isNull ? ` That is ${address === 0 ? 'a NULL pointer' : 'a NULL pointer with an offset'}.` : ''
      verifier.violation(
        isNull ? 'NullCheck' : 'InvalidPointer',
        fn,
        `${what} at ${hex(address)}, where there is no memory of the driver.${null_}`,
      )
      if (state === SHADOW.UNMAPPED)
        fault(address, write, `${what} at ${hex(address)}, where nothing is mapped.${null_}`)
      return !write
    }
    verifier.violation('DV:SpecialPoolOverrun', fn, `${what} at ${hex(address)}, outside any live object.`)
    return true
  }

  /** Bytes where devices are mapped; reports those that are not. true when a window has them all. */
  function device(fn: string, address: number, length: number, write: boolean): boolean {
    const window = windows.at(address)
    const past = window ? address + length - window.address - window.length : 0
    if (window && past <= 0 && address >= window.address) return true
    if (verifier.muted) return false
    const what = `${write ? 'A write' : 'A read'} of ${length} byte${length === 1 ? '' : 's'} at ${hex(address)}`
    if (window) {
      const where = past > 0 ? `${past} byte${past === 1 ? '' : 's'} past the end` : 'in front'
      verifier.violation(
        'DeviceMemoryNotMapped',
        fn,
        `${what}, ${where} of the ${window.length} bytes of device memory that are mapped at ${hex(window.address)}.`,
        { allocated: window.site },
      )
      return true
    }
    const former = windows.former(address)
    const why = former ? 'where device memory was mapped until it was unmapped' : 'where no device memory is mapped'
    verifier.violation('DeviceMemoryNotMapped', fn, `${what}, ${why}.`, {
      allocated: former?.window.site ?? 0,
      freed: former?.unmapped ?? 0,
    })
    return fault(address, write, `${what}, ${why}.`)
  }
  /** A function that works on memory was given the address of registers. */
  function notMemory(fn: string, address: number, length: number, write: boolean): boolean {
    if (device(fn, address, length, write))
      verifier.violation(
        'DeviceMemoryAsBuffer',
        fn,
        `${fn} was given ${hex(address)}, which is device memory; it works on memory of the driver.`,
        { allocated: windows.at(address)?.site ?? 0 },
      )
    return false
  }

  /** A range that runs over a guard may end in records of NDIS: those are kept from it, and so is all of the range. */
  function reachesNdis(start: number, length: number): boolean {
    const end = Math.min(start + length, limit)
    for (let granule = start >>> GRANULE_SHIFT; granule <= (end - 1) >>> GRANULE_SHIFT; granule++) {
      const state = u8[limit + granule]
      if (state === SHADOW.HEADER || state === SHADOW.SYSTEM || state === SHADOW.UNMAPPED) return true
    }
    return false
  }

  function first(fn: string, address: number, length: number, write: boolean): boolean {
    if (isWindow(address)) return notMemory(fn, address, length, write)
    if (address + length > limit) return report(fn, address + length - 1, write)
    let checkedDescriptor = false
    let checkedPaged = false
    for (let at = address; ;) {
      const bad = shadow.firstBad(at, address + length - at)
      if (bad < 0) return true
      const pageable = pagedBytes(shadow.at(bad))
      if ((bad & 7) < pageable) {
        if (!checkedPaged) report(fn, bad, write)
        checkedPaged = true
        at = (bad & ~7) + pageable
        if (at >= address + length) return true
        continue
      }
      const isDescriptor = shadow.at(bad) === SHADOW.DESCRIPTOR
      if (!isDescriptor) return report(fn, bad, write) && !(write && reachesNdis(bad, address + length - bad))
      if (!checkedDescriptor) report(fn, bad, write)
      checkedDescriptor = true
      at = (bad & ~7) + 8
      if (at >= address + length) return true
    }
  }

  if (!verifier.enabled)
    return {
      check: (address, size) => address >= 0 && address + size <= limit,
      range: (_fn, address, length) => address + length <= limit,
      reachesNdis: () => false,
      mapped: (_fn, address, length) => address + length <= limit || windows.at(address) !== undefined,
    }
  return {
    check(address, size, write) {
      if (address >= 0 && address < limit) {
        const granule = u8[limit + (address >>> GRANULE_SHIFT)]
        if (granule === SHADOW.LIVE && (address & 7) + size <= 8) return true
      }
      if (isWindow(address)) {
        device('', address, size, write)
        return false
      }
      return first('', address >>> 0, size, write)
    },
    range: first,
    reachesNdis,
    mapped: (fn, address, length, write) =>
      isWindow(address) ? device(fn, address, length, write) : first(fn, address, length, write),
  }
}
