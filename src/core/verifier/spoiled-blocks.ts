import type { Kernel } from '../kernel/kernel'
import type { Damage } from '../memory/block-damage'
import { allocatingStack } from './allocation-stacks'
import { counted } from './counted'
import { foundDetails, objectText, type FoundObject } from './touched-object'

/** Bytes that an excerpt marks at most. */
const MOST_MARKED = 64

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What is said of bytes that somebody changed without being seen. */
function damageText({ kind, at, bytes }: Damage, found: FoundObject): string {
  const object = objectText(found)
  const rest = bytes === 1 ? 'no longer holds' : 'no longer hold'
  const offset = at - found.address
  if (kind === 'header')
    return `What the pool keeps in front of ${object} was overwritten: by a write that began before the start of the block, or that ran far out of the one before it.`
  if (kind === 'poison')
    return `${upper(object)} was written to after it was freed: ${counted(bytes, 'byte')} of it ${rest} the fill of freed memory, the first one at offset ${offset}.`
  const past = offset - found.size
  const where = past === 0 ? 'right behind the end' : `${counted(past, 'byte')} past the end`
  return `${upper(object)} was written past its end: ${counted(bytes, 'byte')} behind it ${rest} the guard pattern, the first one ${where}.`
}
const RULES = {
  header: 'DV:SpecialPoolPatternBroken',
  guard: 'DV:WrotePastEnd',
  poison: 'DV:SpecialPoolUseAfterFree',
} as const

/** Where and when damage is found. */
export interface Finding {
  /** The function that gives the block back or takes it again; '' where no call of the driver does. */
  readonly fn: string
  /** Ends the message: 'It is found when the driver is unloaded'. The blame is with the allocation then. */
  readonly when?: string
  /** In place of the usual rule. */
  readonly rule?: 'DV:DmaMisuse'
}

export function reportDamage(k: Kernel, damage: Damage, found: FoundObject, { fn, when, rule }: Finding): void {
  const seen = when === undefined ? '' : ` No access was seen that did it; it is found ${when}.`
  k.verifier.violation(rule ?? RULES[damage.kind], fn, `${damageText(damage, found)}${seen}`, {
    ...foundDetails(found, damage.at),
    touched: { address: damage.at, size: Math.min(damage.bytes, MOST_MARKED), how: 'found' },
    ...(when !== undefined &&
      found.allocated !== 0 && {
        at: found.allocated,
        stack: allocatingStack(k, found.address, found.allocated),
      }),
  })
}

/** The record in front of a block, put right after the report. */
function reportHeader(k: Kernel, block: number, spoiled: Damage, finding: Finding): void {
  const { pool, space, finder } = k
  // What the block is follows from the record that is put right; the report shows the bytes as they were found.
  const data = pool.dataOf(block)
  const record = space.u8.slice(block, data)
  pool.mendHeader(block)
  const found = finder.at(data)!
  space.u8.set(record, block)
  reportDamage(k, spoiled, found, finding)
  pool.mendHeader(block)
}

/** Reports what was changed in front of and behind a block of pool (its SYS_BLOCK), unless the write was seen, and mends it; true when it was changed. */
export function checkBlock(k: Kernel, block: number, finding: Finding): boolean {
  const { pool, damage, finder } = k
  const isKnown = damage.wasSeen(block)
  const header = damage.headerOf(block)
  if (header && isKnown) pool.mendHeader(block)
  else if (header) reportHeader(k, block, header, finding)
  const overrun = damage.guardOf(block)
  if (!overrun) return header !== undefined
  if (!isKnown) reportDamage(k, overrun, finder.at(pool.dataOf(block))!, finding)
  pool.mendGuard(block)
  return true
}

/** The same for a block that is given back by its address; true when something was reported. */
export function checkReturned(k: Kernel, fn: string, address: number, rule?: 'DV:DmaMisuse'): boolean {
  if (k.pool.isIntact(address)) return false
  const block = k.pool.blockOf(address)
  if (block === 0 || k.pool.dataOf(block) !== address || k.damage.isFreed(block)) return false
  return checkBlock(k, block, { fn, ...(rule !== undefined && { rule }) })
}

/** Reports what was written in a block that is free, or waits in a lookaside list; true then. The fill is put back. */
export function checkPoison(k: Kernel, block: number, finding: Finding): boolean {
  const { pool, damage, finder } = k
  const late = damage.poisonOf(block)
  if (!late) return false
  reportDamage(k, late, finder.at(pool.dataOf(block))!, finding)
  damage.mend('poison', late.at, pool.dataOf(block) + pool.sizeOf(block))
  return true
}
