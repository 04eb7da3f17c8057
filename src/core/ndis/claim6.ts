import type { Kernel } from '../kernel/kernel'
import { LONGEST_CHAIN } from './mdl'
import { LIST, type Station6 } from './stack6'
import { WAY_RECEIVE, WAY_RESOURCES, type Ways } from './way'

/** Who owns the lists that a call hands over. What is not the caller's is reported and taken out of the chain. */
export interface Claims6 {
  /** A chain that the station holds on the way down or up; what is left of it. */
  held(fn: string, station: Station6, list: number, receive: boolean): number
  /** A chain that is the caller's own, or that it holds on that way (filters); what is left of it. */
  ownOrHeld(fn: string, station: Station6, list: number, receive: boolean): number
  count(list: number): number
}

export function createClaims6(k: Kernel, ways: Ways<Station6>): Claims6 {
  const { i32 } = k.space
  const next = (list: number): number => i32[(list + LIST.Next) >> 2]! >>> 0
  const names: Readonly<Record<Station6['kind'], string>> = {
    miniport: 'the miniport',
    filter: 'a filter module',
    binding: 'a protocol',
  }
  function where(list: number): string {
    const holder = ways.station(ways.holder(list))
    if (ways.isOut(list) && ways.has(list, WAY_RESOURCES))
      return 'it was indicated with NDIS_RECEIVE_FLAGS_RESOURCES and goes back by itself when that call returns'
    return ways.isOut(list)
      ? `${holder ? names[holder.kind] : 'NDIS'} has it${ways.has(list, WAY_RECEIVE) ? ' on its way up' : ' on its way down'}`
      : 'it was completed or returned already, or was never sent'
  }
  function report(fn: string, list: number): void {
    k.verifier.violation(
      'NetBufferListOwnership',
      fn,
      `${fn} is given the NET_BUFFER_LIST at 0x${list.toString(16)}, which the caller does not own: ${where(list)}.`,
      { freed: ways.sentSite(list) },
    )
  }
  function keep(list: number, mine: (list: number) => boolean, fn: string): number {
    let first = list
    let before = 0
    let at = list
    for (let links = 0; at !== 0 && links < LONGEST_CHAIN; links++) {
      const following = next(at)
      if (mine(at)) before = at
      else {
        report(fn, at)
        if (before === 0) first = following
        else i32[(before + LIST.Next) >> 2] = following
      }
      at = following
    }
    return first
  }
  const holds = (station: Station6, list: number, receive: boolean): boolean =>
    ways.isOut(list) && ways.holder(list) === station.id && ways.has(list, WAY_RECEIVE) === receive

  // Chains are right as a rule: one walk that makes nothing finds that out.
  function allHeld(station: Station6, list: number, receive: boolean, resources: boolean): boolean {
    let at = list
    for (let links = 0; at !== 0 && links < LONGEST_CHAIN; at = next(at), links++)
      if (!holds(station, at, receive) || (!resources && ways.has(at, WAY_RESOURCES))) return false
    return true
  }
  function allHere(list: number): boolean {
    let at = list
    for (let links = 0; at !== 0 && links < LONGEST_CHAIN; at = next(at), links++) if (ways.isOut(at)) return false
    return true
  }
  return {
    held(fn, station, list, receive) {
      // What was indicated with RESOURCES goes back by itself: nobody returns it.
      const resources = !fn.includes('Return')
      if (allHeld(station, list, receive, resources)) return list
      return keep(list, (at) => holds(station, at, receive) && (resources || !ways.has(at, WAY_RESOURCES)), fn)
    },
    ownOrHeld(fn, station, list, receive) {
      if (allHere(list)) return list
      return keep(list, (at) => !ways.isOut(at) || (station.kind === 'filter' && holds(station, at, receive)), fn)
    },
    count(list) {
      let count = 0
      for (let at = list; at !== 0 && count < LONGEST_CHAIN; at = next(at)) count++
      return count
    },
  }
}
