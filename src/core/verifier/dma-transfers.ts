import type { Kernel } from '../kernel/kernel'
import { PHYSICAL_OFFSET } from '../memory/map'
import type { DmaMappings } from '../ndis/dma-mapping'
import { hex } from './hex'

/**
 * Looks at each transfer of a device: it is to reach shared memory and what is mapped for it, in the direction that it is
 * mapped for. What it does wrong is blamed on the last order that the driver gave it. Without such hardware as an IOMMU nothing keeps it from reaching more, so that the transfer takes place.
 */
export function createDmaTransferRule(k: Kernel, mappings: DmaMappings, orders: { readonly site: number }) {
  return (address: number, length: number, access: 'read' | 'write'): void => {
    const start = address - PHYSICAL_OFFSET
    if (access === 'write') k.access.written(start, length)
    else k.access.meant('', start, length, ', and a device reads it')
    const reach = mappings.reach(address, length, access)
    if (reach === 'mapped') return
    const where = `${length} bytes at physical address ${hex(address)} (virtual ${hex(address - PHYSICAL_OFFSET)})`
    const why =
      reach === 'not mapped'
        ? 'which are neither shared memory nor mapped: never, or not any more'
        : `which are mapped for it to ${access === 'read' ? 'write' : 'read'} only`
    k.verifier.violation('DmaNotMapped', '', `The device ${access}s ${where}, ${why}.`, { at: orders.site })
  }
}
