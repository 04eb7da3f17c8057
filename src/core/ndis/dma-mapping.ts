/** Physical addresses, `end` excluded. */
export interface DmaRange {
  readonly start: number
  readonly end: number
}
/** What the device does with the memory: it reads what is sent and writes what is received. */
export type DmaAccess = 'read' | 'write' | 'both'
/** Memory that a bus master may reach for as long as the mapping is open. */
export interface DmaMapping {
  readonly ranges: readonly DmaRange[]
  readonly access: DmaAccess
}
export type DmaReach = 'mapped' | 'mapped the other way' | 'not mapped'

/** The open mappings of all adapters. */
export interface DmaMappings {
  open(ranges: readonly DmaRange[], access: DmaAccess): DmaMapping
  close(mapping: DmaMapping): void
  /** Whether a device may read, or write, a physical range. Pieces that adjoin within one mapping count as one. */
  reach(address: number, length: number, access: 'read' | 'write'): DmaReach
}

function covers({ ranges }: DmaMapping, address: number, end: number): boolean {
  let at = address
  for (const range of ranges) if (range.start <= at && at < range.end) at = range.end
  return at >= end
}

export function createDmaMappings(): DmaMappings {
  const mappings = new Set<DmaMapping>()
  return {
    open(ranges, access) {
      const mapping = { ranges, access }
      mappings.add(mapping)
      return mapping
    },
    close: (mapping) => void mappings.delete(mapping),
    reach(address, length, access) {
      let reach: DmaReach = length > 0 ? 'not mapped' : 'mapped'
      for (const mapping of mappings) {
        if (!covers(mapping, address, address + length)) continue
        if (mapping.access === 'both' || mapping.access === access) return 'mapped'
        reach = 'mapped the other way'
      }
      return reach
    },
  }
}
