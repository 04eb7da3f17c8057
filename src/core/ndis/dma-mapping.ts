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

const PAGE_SHIFT = 12
const NONE: readonly DmaMapping[] = []

function covers({ ranges }: DmaMapping, address: number, end: number): boolean {
  let at = address
  for (let i = 0; i < ranges.length && at < end; i++) {
    const range = ranges[i]!
    if (range.start <= at && at < range.end) at = range.end
  }
  return at >= end
}

export function createDmaMappings(): DmaMappings {
  /** By the pages that they touch: a device asks for each transfer. */
  const pages = new Map<number, DmaMapping[]>()

  function eachPage({ ranges }: DmaMapping, visit: (page: number) => void): void {
    for (const { start, end } of ranges)
      for (let page = start >>> PAGE_SHIFT; page << PAGE_SHIFT < end; page++) visit(page)
  }
  return {
    open(ranges, access) {
      const mapping = { ranges, access }
      eachPage(mapping, (page) => {
        const there = pages.get(page)
        if (!there) pages.set(page, [mapping])
        else if (there.at(-1) !== mapping) there.push(mapping)
      })
      return mapping
    },
    close: (mapping) =>
      eachPage(mapping, (page) => {
        const left = pages.get(page)?.filter((other) => other !== mapping) ?? []
        if (left.length > 0) pages.set(page, left)
        else pages.delete(page)
      }),
    reach(address, length, access) {
      if (length <= 0) return 'mapped'
      const here = pages.get(address >>> PAGE_SHIFT) ?? NONE
      let reach: DmaReach = 'not mapped'
      for (let i = 0; i < here.length; i++) {
        const mapping = here[i]!
        if (!covers(mapping, address, address + length)) continue
        if (mapping.access === 'both' || mapping.access === access) return 'mapped'
        reach = 'mapped the other way'
      }
      return reach
    },
  }
}
