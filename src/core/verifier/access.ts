import { counted } from './counted'
import { createDeviceAccess } from './device-access'
import { hex } from './hex'
import { foundDetails, placeText, type FoundObject, type ObjectFinder } from './touched-object'
import type { Verifier, ViolationDetails } from './verifier'
import type { AddressSpace } from '../memory/address-space'
import { APC_LEVEL, irqlName } from '../kernel/irql'
import type { DamageFinder } from '../memory/block-damage'
import { WINDOWS_END, WINDOWS_START, type DeviceWindows } from '../memory/device-windows'
import { GRANULE_SHIFT, NULL_END, SHADOW } from '../memory/map'
import { freshBytes, pagedBytes, type Shadow } from '../memory/shadow'

/** Checks what a driver touches. With the rules off nothing is checked. */
export interface Access {
  /**
   * true when the bytes are memory that may be touched as far as the machine goes on; reports a violation otherwise. Sizes
   * up to 8. false without a report for mapped device memory: such bytes are reached through the windows.
   */
  check(address: number, size: number, write: boolean): boolean
  /** Told of each access that is carried out, before any driver code runs; makes it several times slower. One watch a machine. */
  watch(touched: (address: number, size: number, write: boolean) => void): void
  /** The same for a whole range and in the name of an interface function. */
  range(fn: string, address: number, length: number, write: boolean): boolean
  /** The same for a range that may lie in mapped device memory, too. */
  mapped(fn: string, address: number, length: number, write: boolean): boolean
  /** true when some of the bytes are records of NDIS, or no memory: no function may work on them as the driver's. */
  reachesNdis(address: number, length: number): boolean
  /** Bytes that range or mapped has allowed are used for what they say: reports those that nobody wrote. `use` ends the message. */
  meant(fn: string, address: number, length: number, use: string): void
  /** Bytes that were allowed are copied: what nobody wrote is not written by that. */
  copied(destination: number, source: number, length: number): void
  /** Bytes that a device transfers by an order that the driver gave at a call site: reports those that are not live. */
  transferred(address: number, length: number, write: boolean, order: number): void
  /** Bytes that a device or NDIS writes without asking. */
  written(address: number, length: number): void
}

const isWindow = (address: number): boolean => address >= WINDOWS_START && address < WINDOWS_END
const bytes = (count: number): string => counted(count, 'byte')

/** Bytes that are touched together. */
interface Touch {
  readonly fn: string
  readonly address: number
  readonly length: number
  readonly write: boolean
  /** Call site of the order by which a device does it. */
  readonly order?: number
}

interface Parts {
  readonly space: AddressSpace
  readonly shadow: Shadow
  readonly finder: ObjectFinder
  readonly damage: DamageFinder
  readonly verifier: Verifier
  readonly windows: DeviceWindows
  readonly irql: () => number
  readonly fault: (address: number, write: boolean, message: string) => never
}

/** What is said of touches that the shadow does not allow. */
function createReports({ shadow, finder, damage, verifier, irql, fault }: Parts) {
  const { violation } = verifier
  const whatOf = ({ address, length, write, order }: Touch): string =>
    `${write ? 'A write' : 'A read'} of ${bytes(length)} ${order === undefined ? '' : 'by the device '}at ${hex(address)}`
  const detailsOf = (touch: Touch, found: FoundObject | undefined, bad: number): ViolationDetails => ({
    ...foundDetails(found, bad),
    touched: { address: touch.address, size: touch.length, how: touch.write ? 'write' : 'read' },
    ...(touch.order !== undefined && { at: touch.order }),
  })
  /** The first bad byte, seen from its object. */
  const where = (touch: Touch, found: FoundObject, bad: number): string =>
    bad === touch.address ? placeText(found, bad) : `which reaches ${placeText(found, bad).replace(/^at /, '')}`

  /** What is reported as it happens is not to be reported once more when what it did is found. */
  function seen(rule: string, { address, length, write }: Touch, bad: number): void {
    if (write && verifier.level(rule) !== 'off') damage.saw(bad, address + length - bad)
  }
  function freed(touch: Touch, found: FoundObject | undefined, bad: number): true {
    seen('DV:SpecialPoolUseAfterFree', touch, bad)
    const state = found?.freed ? 'which was freed' : 'which was never allocated'
    const text = found ? `, ${where(touch, found, bad)}, ${state}` : ', in memory that was freed'
    violation('DV:SpecialPoolUseAfterFree', touch.fn, `${whatOf(touch)}${text}.`, detailsOf(touch, found, bad))
    return true
  }
  function outside(touch: Touch, found: FoundObject | undefined, bad: number): void {
    const text = found ? `, ${where(touch, found, bad)}` : ', outside of any live object'
    const dead = found && !found.live && found.freed ? ', which was freed' : ''
    seen('DV:SpecialPoolOverrun', touch, bad)
    violation('DV:SpecialPoolOverrun', touch.fn, `${whatOf(touch)}${text}${dead}.`, detailsOf(touch, found, bad))
  }
  /** The page may be out, and above APC_LEVEL none can be brought in; the run goes on as if it were there. */
  function paged(touch: Touch, bad: number): true {
    if (irql() > APC_LEVEL && touch.order === undefined)
      violation(
        'DV:PageableAtRaisedIrql',
        touch.fn,
        `${whatOf(touch)} of paged pool at ${irqlName(irql())}: above APC_LEVEL its page cannot be brought in.`,
        detailsOf(touch, finder.at(bad), bad),
      )
    return true
  }
  function nowhere(touch: Touch, bad: number, unmapped: boolean): boolean {
    const { fn, address, write } = touch
    const isNull = bad < NULL_END
    const null_ = isNull ? ` That is ${address === 0 ? 'a NULL pointer' : 'a NULL pointer with an offset'}.` : ''
    const details = detailsOf(touch, undefined, bad)
    violation(
      isNull ? 'NullCheck' : 'InvalidPointer',
      fn,
      `${whatOf(touch)}, where there is no memory of the driver.${null_}`,
      details,
    )
    if (unmapped && touch.order === undefined)
      fault(address, write, `${whatOf(touch)}, where nothing is mapped.${null_}`)
    return !write
  }
  return {
    /** The shadow says that the byte `bad` of a touch is not plainly live. true: the touch is carried out. */
    report(touch: Touch, bad: number): boolean {
      if (verifier.muted) return false
      const state = shadow.at(bad)
      if ((bad & 7) < pagedBytes(state)) return paged(touch, bad)
      const found = finder.at(bad)
      if (state === SHADOW.DESCRIPTOR) {
        if (found && bad >= found.address + found.size) outside(touch, found, bad)
        else if (!found?.live) freed(touch, found, bad)
        return true
      }
      if (state === SHADOW.FREED) return freed(touch, found, bad)
      if (state === SHADOW.UNMAPPED || state === SHADOW.SYSTEM) return nowhere(touch, bad, state === SHADOW.UNMAPPED)
      outside(touch, found, bad)
      // What lies there belongs to NDIS: reading shows it, writing is kept from it, but a guard takes the bytes.
      return !touch.write || state !== SHADOW.HEADER
    },
    unwritten(touch: Touch, first: number, use: string): void {
      const found = finder.at(first)
      const text = found ? `, ${where(touch, found, first)}` : ''
      violation(
        'UninitializedRead',
        touch.fn,
        `${whatOf(touch)}${text}: nobody wrote there since it was allocated${use}.`,
        detailsOf(touch, found, first),
      )
    },
  }
}

export function createAccess(parts: Parts): Access {
  const { space, shadow, verifier, windows } = parts
  const { u8 } = space
  const limit = shadow.base
  const { report, unwritten } = createReports(parts)
  const { device, notMemory } = createDeviceAccess(parts)

  /** A range that runs over a guard may end in records of NDIS: those are kept from it, and so is all of the range. */
  function reachesNdis(start: number, length: number): boolean {
    const end = Math.min(start + length, limit)
    for (let granule = start >>> GRANULE_SHIFT; granule <= (end - 1) >>> GRANULE_SHIFT; granule++) {
      const state = u8[limit + granule]
      if (state === SHADOW.HEADER || state === SHADOW.SYSTEM || state === SHADOW.UNMAPPED) return true
    }
    return false
  }

  function range(fn: string, address: number, length: number, write: boolean): boolean {
    if (isWindow(address)) return notMemory(fn, address, length, write)
    return look({ fn, address, length, write })
  }
  /** false, after a report, when the touch must not be carried out. */
  function look(touch: Touch): boolean {
    const { address, length, write } = touch
    if (address + length > limit) return report(touch, address + length - 1)
    let checkedDescriptor = false
    let checkedPaged = false
    for (let at = address; ;) {
      const bad = shadow.firstBad(at, address + length - at)
      if (write && shadow.sawFresh) shadow.written(address, length)
      if (bad < 0) return true
      const pageable = pagedBytes(shadow.at(bad))
      if ((bad & 7) < pageable) {
        if (!checkedPaged) report(touch, bad)
        checkedPaged = true
        at = (bad & ~7) + pageable
        if (at >= address + length) return true
        continue
      }
      const isDescriptor = shadow.at(bad) === SHADOW.DESCRIPTOR
      if (!isDescriptor) return report(touch, bad) && !(write && reachesNdis(bad, address + length - bad))
      if (!checkedDescriptor) report(touch, bad)
      checkedDescriptor = true
      at = (bad & ~7) + 8
      if (at >= address + length) return true
    }
  }
  function meant(fn: string, address: number, length: number, use: string): void {
    if (verifier.muted || isWindow(address)) return
    const first = shadow.firstUnwritten(address, length)
    if (first >= 0) unwritten({ fn, address, length, write: false }, first, use)
  }

  if (!verifier.enabled)
    return {
      watch: () => undefined,
      check: (address, size) => address >= 0 && address + size <= limit,
      range: (_fn, address, length) => address + length <= limit,
      reachesNdis: () => false,
      mapped: (_fn, address, length) => address + length <= limit || windows.at(address) !== undefined,
      meant: () => undefined,
      copied: () => undefined,
      transferred: () => undefined,
      written: () => undefined,
    }
  function check(address: number, size: number, write: boolean): boolean {
    if (address >= 0 && address < limit) {
      const granule = u8[limit + (address >>> GRANULE_SHIFT)]!
      if (granule === SHADOW.LIVE && (address & 7) + size <= 8) return true
      if ((address & 7) + size <= freshBytes(granule)) {
        if (write) shadow.written(address, size)
        else meant('', address, size, '')
        return true
      }
    }
    if (isWindow(address)) {
      device('', address, size, write)
      return false
    }
    const allowed = range('', address >>> 0, size, write)
    if (allowed && !write && shadow.sawFresh) meant('', address >>> 0, size, '')
    return allowed
  }
  // Another function, so that the one that everybody runs through has nothing more to do than before.
  let current = check
  return {
    watch(touched) {
      current = (address, size, write) => {
        const live = check(address, size, write)
        if (live && address < limit) touched(address, size, write)
        return live
      }
    },
    get check() {
      return current
    },
    range,
    reachesNdis,
    meant,
    copied: shadow.copied,
    written: shadow.written,
    transferred: (address, length, write, order) => void look({ fn: '', address, length, write, order }),
    mapped: (fn, address, length, write) =>
      isWindow(address) ? device(fn, address, length, write) : range(fn, address, length, write),
  }
}
