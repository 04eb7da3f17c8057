import type { Kernel } from '../kernel/kernel'
import { PHYSICAL_OFFSET } from '../memory/map'
import type { DmaMappings } from '../ndis/dma-mapping'
import { counted } from './counted'
import { hex } from './hex'
import { foundDetails, placeText } from './touched-object'

/**
 * Looks at each transfer of a device: it is to reach shared memory and what is mapped for it, in the direction that it is
 * mapped for, and as long as that memory is there. What it does wrong is blamed on the last order that the driver gave it. Without
 * such hardware as an IOMMU nothing keeps it from reaching more, so that the transfer takes place.
 */
export function createDmaTransferRule(k: Kernel, mappings: DmaMappings, orders: { readonly site: number }) {
  const { access: memory, shadow, finder, damage } = k

  function notMapped(start: number, length: number, access: 'read' | 'write', why: string, bad: number): void {
    const at = bad < 0 ? start : bad
    if (access === 'write' && k.verifier.level('DmaNotMapped') !== 'off') damage.saw(start, length)
    const found = finder.at(at)
    const first = at === start ? 'They begin' : `Byte ${at - start} of them lies`
    const freed = found?.freed ? ', which was freed' : ''
    const place = found ? ` ${first} ${placeText(found, at)}${freed}.` : ''
    const where = `${counted(length, 'byte')} at physical address ${hex(start + PHYSICAL_OFFSET)} (virtual ${hex(start)})`
    k.verifier.violation('DmaNotMapped', '', `The device ${access}s ${where}, ${why}.${place}`, {
      ...foundDetails(found, at),
      touched: { address: start, size: length, how: access },
      at: orders.site,
    })
  }
  return (address: number, length: number, access: 'read' | 'write'): void => {
    const start = address - PHYSICAL_OFFSET
    const bad = shadow.firstBad(start, length)
    if (bad >= 0 || shadow.sawFresh) {
      if (access === 'write') memory.written(start, length)
      else memory.meant('', start, length, ', and a device reads it')
    }
    const reach = mappings.reach(address, length, access)
    if (reach === 'not mapped')
      notMapped(start, length, access, 'which are neither shared memory nor mapped: never, or not any more', bad)
    else if (reach === 'mapped the other way')
      notMapped(start, length, access, `which are mapped for it to ${access === 'read' ? 'write' : 'read'} only`, bad)
    else if (bad >= 0) memory.transferred(start, length, access === 'write', orders.site)
  }
}
