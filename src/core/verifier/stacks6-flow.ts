import type { Kernel } from '../kernel/kernel'
import { TICKS_PER_MS } from '../clock/clock'
import { SYS_POOL } from '../memory/records'
import type { Adapters } from '../ndis/adapters'
import { POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import type { DriverLife } from '../ndis/driver'
import type { Ndis6 } from '../ndis/ndis6'
import type { FilterStation, Station6 } from '../ndis/stack6'
import { NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from '../ndis/status'
import { WAY_RECEIVE } from '../ndis/way'
import { counted } from './counted'
import type { RuleFamily } from './rules'
import { createWatch } from './watch'

interface Parts {
  readonly pools: DescriptorPools
  readonly ndis: Ndis6
  readonly driver: DriverLife
  readonly adapters: Adapters
}

/** Driver Verifier NdisTimedDataSend. */
const SEND_TICKS = 30_000 * TICKS_PER_MS
/** Driver Verifier NdisTimedDataHang. */
const HANG_TICKS = 22_000 * TICKS_PER_MS
/** Driver Verifier NdisFilterTimedPauseComplete. */
const FILTER_PAUSE_TICKS = 10_000 * TICKS_PER_MS

/** Callbacks that take lists of others. */
const TAKERS = ['MINIPORT_SEND_NET_BUFFER_LISTS', 'FILTER_SEND_NET_BUFFER_LISTS', 'FILTER_RECEIVE_NET_BUFFER_LISTS']

/** Lists that somebody has not given back. */
interface Kept {
  sends: number
  receives: number
  /** Call site that sent or indicated the first of them. */
  site: number
}

/** What must be over when a pause, a halt or its time is over. */
export function stackFlowRules(k: Kernel, { pools, ndis, driver, adapters }: Parts): RuleFamily {
  const { violation } = k.verifier
  const { ways } = ndis
  /** Pauses that were left pending, and when. */
  const pausing = new Map<FilterStation, number>()

  function eachOut(visit: (list: number) => void): void {
    pools.forEachLive((pool) => {
      if (pools.get(pool, SYS_POOL.Kind) === POOL_KIND.NET_BUFFER_LIST)
        pools.forEachOut(pool, (list) => (ways.isOut(list) ? visit(list) : undefined))
    })
  }
  /** Lists that the station holds, or that it originated and that are not back. */
  const eachKept = (station: Station6, visit: (list: number) => void): void =>
    eachOut((list) => (ways.origin(list) === station.id || ways.holder(list) === station.id ? visit(list) : undefined))
  function keptBy(station: Station6): Kept {
    const kept: Kept = { sends: 0, receives: 0, site: 0 }
    eachKept(station, (list) => {
      if (ways.has(list, WAY_RECEIVE)) kept.receives++
      else kept.sends++
      kept.site ||= ways.sentSite(list)
    })
    return kept
  }
  /** Lists that a report about the end of a pause names already, and since when their holder had them then. */
  const told = new Map<number, number>()
  function nothingOut(rule: string, name: string, what: string, station: Station6): void {
    const { sends, receives, site } = keptBy(station)
    const parts = [
      ...(sends ? [counted(sends, 'sent NET_BUFFER_LIST')] : []),
      ...(receives ? [counted(receives, 'received NET_BUFFER_LIST')] : []),
    ]
    if (parts.length > 0) {
      eachKept(station, (list) => told.set(list, ways.heldSince(list)))
      violation(
        rule,
        name,
        `${what} with ${parts.join(' and ')} not back: sends must be completed and indications returned first.`,
        { acquired: site },
      )
    }
  }
  const paused = (name: string, station: Station6): void =>
    nothingOut('PauseWithListsOut', name, 'The pause is complete', station)

  const sends = createWatch(k, SEND_TICKS, (limit) => {
    let oldest = Infinity
    eachOut((list) => {
      const holder = ways.station(ways.holder(list))
      const received = ways.has(list, WAY_RECEIVE)
      if (!holder || holder.kind === 'binding' || (holder.kind === 'miniport' && received)) return
      const since = ways.heldSince(list)
      if (since > limit) return void (oldest = Math.min(oldest, since))
      if (told.get(list) === since) return
      const rule =
        holder.kind === 'miniport'
          ? 'NdisTimedDataSend'
          : received
            ? 'NdisFilterTimedDataReceive'
            : 'NdisFilterTimedDataSend'
      const who = holder.kind === 'miniport' ? 'the miniport' : 'a filter module'
      violation(
        rule,
        `${holder.kind === 'miniport' ? 'Miniport' : 'Filter'}${received ? 'Receive' : 'Send'}NetBufferLists`,
        `A NET_BUFFER_LIST is out for 30 seconds, and ${who} has it.`,
        { acquired: ways.sentSite(list) },
      )
    })
    return oldest
  })
  /** When each miniport completed sends last, by its handle; ticks. */
  const progress = new Map<number, number>()
  const hangs = createWatch(k, HANG_TICKS, (limit) => {
    let oldest = Infinity
    const hung = new Set<number>()
    eachOut((list) => {
      const holder = ways.station(ways.holder(list))
      if (holder?.kind !== 'miniport' || ways.has(list, WAY_RECEIVE) || hung.has(holder.handle)) return
      if (told.get(list) === ways.heldSince(list)) return
      const since = Math.max(ways.heldSince(list), progress.get(holder.handle) ?? 0)
      if (since > limit) return void (oldest = Math.min(oldest, since))
      hung.add(holder.handle)
      violation(
        'NdisTimedDataHang',
        'MiniportSendNetBufferLists',
        'The miniport has NET_BUFFER_LISTs to send and completed none in 22 seconds.',
        { acquired: ways.sentSite(list) },
      )
    })
    return oldest
  })
  const pauses = createWatch(k, FILTER_PAUSE_TICKS, (limit) => {
    let oldest = Infinity
    for (const [filter, since] of pausing) {
      if (filter.state !== 'pausing') pausing.delete(filter)
      else if (since > limit) oldest = Math.min(oldest, since)
      else
        violation(
          'NdisFilterTimedPauseComplete',
          'FilterPause',
          'FilterPause returned NDIS_STATUS_PENDING and NdisFPauseComplete was not called in 10 seconds.',
        )
    }
    return oldest
  })

  function filterPaused(status: number): void {
    if (status !== NDIS_STATUS_SUCCESS && status !== NDIS_STATUS_PENDING)
      violation(
        'NdisFilterTimedPauseComplete',
        'FilterPause',
        'FilterPause may return NDIS_STATUS_SUCCESS and NDIS_STATUS_PENDING and nothing else: it cannot fail.',
      )
    for (const filter of ndis.stacks.flatMap((stack) => stack.filters)) {
      if (filter.state !== 'pausing' || pausing.has(filter)) continue
      if (status !== NDIS_STATUS_PENDING) return paused('FilterPause', filter)
      pausing.set(filter, k.clock.now())
      return pauses.started()
    }
  }
  driver.returned.push((entry, result) => {
    if (TAKERS.includes(entry)) {
      hangs.started()
      return sends.started()
    }
    const status = Number(result ?? 0) | 0
    if (entry === 'FILTER_PAUSE') filterPaused(status)
    else if (entry === 'MINIPORT_PAUSE' && status === NDIS_STATUS_SUCCESS)
      for (const { miniport } of ndis.stacks) if (miniport.state === 'pausing') paused('MiniportPause', miniport)
  })
  adapters.watch({
    ended(adapter) {
      const stack = ndis.of(adapter)
      if (stack) nothingOut('HaltWithListsOut', 'MiniportHaltEx', 'The adapter is halted', stack.miniport)
    },
  })

  return {
    before: {
      NdisFPauseComplete(handle: number) {
        const station = ndis.station(handle)
        if (station?.kind !== 'filter' || station.state !== 'pausing') return false
        pausing.delete(station)
        paused('NdisFPauseComplete', station)
        return false
      },
      NdisMSendNetBufferListsComplete(handle: number) {
        progress.set(handle, k.clock.now())
        return false
      },
      NdisMPauseComplete(handle: number) {
        const station = ndis.station(handle)
        if (station?.state === 'pausing') paused('NdisMPauseComplete', station)
        return false
      },
    },
  }
}
