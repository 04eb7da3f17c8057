import type { Kernel } from '../kernel/kernel'
import type { Adapter } from './adapters'
import { createFrameFilter } from './frame-filter'
import type { FrameCounters } from './frame-counters'
import type { Mdls } from './mdl'
import { createNdisRecords, type NdisRecords } from './ndis-record'
import { createOidRequests, type OidRequests } from './oid-request'
import { createOidPath6, type OidPath6 } from './oid6'
import {
  createDataPath6,
  type BindingStation,
  type DataPath6,
  type FilterEnd6,
  type FilterStation,
  type MiniportEnd6,
  type MiniportStation,
  type ProtocolEnd6,
  type Stack6,
  type Station6,
} from './stack6'
import {
  createPending,
  createStackLife6,
  type FilterFlow,
  type MiniportFlow,
  type Pending,
  type StackLife6,
} from './stack6-life'
import { createWays, type Ways } from './way'

export const FILTER_OBJECT = 'filter module'
export const BINDING_OBJECT = 'binding'
/** 'NDfm', 'NDob': tags of NDIS's own blocks. */
const FILTER_TAG = 0x6d66444e
const BINDING_TAG = 0x626f444e
const BLOCK_BYTES = 16

/** NDIS 6: the stacks and what goes through them. */
export interface Ndis6 {
  readonly ways: Ways<Station6>
  readonly path: DataPath6
  readonly oids: OidPath6
  readonly requests: OidRequests
  readonly records: NdisRecords
  readonly pending: Pending
  readonly life: StackLife6
  readonly stacks: readonly Stack6[]
  of(adapter: Adapter): Stack6 | undefined
  /** The station behind a handle that a driver holds. */
  station(handle: number): Station6 | undefined
  createStack(adapter: Adapter, end: MiniportEnd6, flow: MiniportFlow): Stack6
  destroyStack(stack: Stack6): void
  /** undefined when memory is short or there are too many. It is on top of the other filters, paused. */
  addFilter(stack: Stack6, end: FilterEnd6, flow: FilterFlow): FilterStation | undefined
  removeFilter(filter: FilterStation): void
  /** undefined when memory is short or there are too many. It is paused. */
  addBinding(stack: Stack6, end: ProtocolEnd6): BindingStation | undefined
  removeBinding(binding: BindingStation): void
}

export function createNdis6(k: Kernel, mdls: Mdls, counters: FrameCounters): Ndis6 {
  const ways = createWays<Station6>(k)
  const requests = createOidRequests(k.space)
  const records = createNdisRecords(k)
  const path = createDataPath6(k, ways, counters, createFrameFilter(k, mdls))
  const oids = createOidPath6(k, requests, path.levelOf)
  const stacks: Stack6[] = []
  const byHandle = new Map<number, Station6>()
  const miniportFlows = new Map<Stack6, MiniportFlow>()
  const filterFlows = new Map<FilterStation, FilterFlow>()
  const life = createStackLife6(k, records, (stack) => miniportFlows.get(stack)!, {
    pause: (filter, reason) => filterFlows.get(filter)!.pause(filter, reason),
    restart: (filter) => filterFlows.get(filter)!.restart(filter),
  })

  /** Beyond the numbers that there are a station has number 0: adapters work with it, what needs one is taken back. */
  function register<S extends Station6>(station: Omit<S, 'id'>): S {
    const made = station as S
    Object.assign(made, { id: ways.register(made) })
    byHandle.set(made.handle, made)
    return made
  }
  function forget(station: Station6): void {
    oids.forget(station)
    ways.forget(station.id)
    byHandle.delete(station.handle)
  }
  function takeBack(station: Station6): undefined {
    forget(station)
    k.objects.destroy(station.handle)
  }
  const remove = <T>(list: T[], item: T): void => {
    const at = list.indexOf(item)
    if (at >= 0) list.splice(at, 1)
  }

  return {
    ways,
    path,
    requests,
    records,
    life,
    stacks,
    pending: createPending(k),
    oids,
    of: (adapter) => stacks.find((stack) => stack.adapter === adapter),
    station: (handle) => byHandle.get(handle),
    createStack(adapter, end, flow) {
      const stack = { adapter, filters: [], bindings: [] } as unknown as Stack6
      const miniport = register<MiniportStation>({
        kind: 'miniport',
        handle: adapter.handle,
        stack,
        state: 'paused',
        end,
      })
      Object.assign(stack, { miniport })
      miniportFlows.set(stack, flow)
      stacks.push(stack)
      return stack
    },
    destroyStack(stack) {
      forget(stack.miniport)
      miniportFlows.delete(stack)
      remove(stacks, stack)
    },
    addFilter(stack, end, flow) {
      const handle = k.objects.create(FILTER_OBJECT, FILTER_TAG, BLOCK_BYTES, false)
      if (handle === 0) return undefined
      const filter = register<FilterStation>({ kind: 'filter', handle, stack, state: 'paused', end })
      if (filter.id === 0) return takeBack(filter)
      filterFlows.set(filter, flow)
      stack.filters.push(filter)
      return filter
    },
    removeFilter(filter) {
      remove(filter.stack.filters, filter)
      filterFlows.delete(filter)
      forget(filter)
      k.objects.destroy(filter.handle)
    },
    addBinding(stack, end) {
      const handle = k.objects.create(BINDING_OBJECT, BINDING_TAG, BLOCK_BYTES, false)
      if (handle === 0) return undefined
      const binding = register<BindingStation>({
        kind: 'binding',
        handle,
        stack,
        state: 'paused',
        end,
        packetFilter: 0,
        multicast: new Uint8Array(0),
        sent: 0,
        held: 0,
        bound: false,
        closing: false,
        cameBack: undefined,
      })
      if (binding.id === 0) return takeBack(binding)
      stack.bindings.push(binding)
      return binding
    },
    removeBinding(binding) {
      remove(binding.stack.bindings, binding)
      forget(binding)
      k.objects.destroy(binding.handle)
    },
  }
}
