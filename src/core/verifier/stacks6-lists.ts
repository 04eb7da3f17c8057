import type { Kernel } from '../kernel/kernel'
import { DISPATCH_LEVEL, irqlName } from '../kernel/irql'
import { SHADOW } from '../memory/map'
import { constant } from '../ndis/constants'
import { POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import { LONGEST_CHAIN } from '../ndis/mdl'
import type { Ndis6 } from '../ndis/ndis6'
import { NET_BUFFER } from '../ndis/net-buffer-layout'
import { LIST, RECEIVE_RESOURCES, type Station6 } from '../ndis/stack6'
import { WAY_RECEIVE, WAY_RESOURCES } from '../ndis/way'
import type { DescriptorPointers } from './descriptor-pointer'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'
import type { StationHandles } from './stacks6-handles'

interface Parts {
  readonly pools: DescriptorPools
  readonly pointers: DescriptorPointers
  readonly ndis: Ndis6
  readonly handles: StationHandles
}
type Kind = Station6['kind']

/** All of the flags parameters have it at the same bit. */
const AT_DISPATCH_LEVEL = constant('NDIS_SEND_FLAGS_DISPATCH_LEVEL')
const FREES = [
  'NdisFreeNetBufferList',
  'NdisFreeCloneNetBufferList',
  'NdisFreeFragmentNetBufferList',
  'NdisFreeReassembledNetBufferList',
] as const

/** Chains of lists that a driver hands over: whether NDIS can follow them. */
function createChainChecks(k: Kernel, { pools, pointers }: Parts) {
  const { violation } = k.verifier
  const { r32 } = k.space

  function noList(fn: string, list: number, first: boolean): true {
    const freed = k.shadow.at(list) === SHADOW.FREED
    // The check of the pointer has told of the first one.
    if (freed && first) return true
    violation(
      'InvalidNetBufferList',
      fn,
      `${fn} was given a chain with ${hex(list)} in it, which is ${freed ? 'a NET_BUFFER_LIST that was freed' : 'no NET_BUFFER_LIST of a live pool'}.`,
    )
    return true
  }
  function badMdls(fn: string, netBuffer: number): boolean {
    let mdl = r32(netBuffer + NET_BUFFER.CurrentMdl)
    for (let links = 0; mdl !== 0; links++, mdl = r32(mdl)) {
      if (pointers.badMdl(fn, mdl)) return true
      if (links < LONGEST_CHAIN) continue
      violation('MdlChainLoop', fn, `The MDL chain of the NET_BUFFER at ${hex(netBuffer)} goes in a circle.`)
      return true
    }
    return false
  }
  /** NET_BUFFERs and MDLs, which NDIS reads on the way. */
  function badContents(fn: string, list: number): boolean {
    let netBuffer = r32(list + LIST.FirstNetBuffer)
    for (let links = 0; netBuffer !== 0; links++, netBuffer = r32(netBuffer + NET_BUFFER.Next)) {
      if (links >= LONGEST_CHAIN) {
        violation('NetBufferLoop', fn, `The NET_BUFFERs of the list at ${hex(list)} go in a circle.`)
        return true
      }
      if (netBuffer % 4 !== 0 || !k.access.range(fn, netBuffer, NET_BUFFER.SIZE, false)) return true
      if (badMdls(fn, netBuffer)) return true
    }
    return false
  }
  /** true: the call is refused. */
  function badChain(fn: string, first: number, contents: boolean): boolean {
    let links = 0
    for (let list = first >>> 0; ; list = r32(list + LIST.Next)) {
      if (list === 0 && links > 0) return false
      if (pools.poolOf(list, POOL_KIND.NET_BUFFER_LIST) === 0) return noList(fn, list, links === 0)
      if (contents && badContents(fn, list)) return true
      if (++links <= LONGEST_CHAIN) continue
      violation(
        'NetBufferListLoop',
        fn,
        `${fn} was given a chain of NET_BUFFER_LISTs that goes in a circle and never ends.`,
      )
      return true
    }
  }
  return { badChain }
}

/** What lists and flags must say, with a chain that can be followed. */
function createContentChecks(k: Kernel, { ndis }: Parts) {
  const { violation } = k.verifier
  const { r32 } = k.space
  const { ways } = ndis

  function each(list: number, visit: (list: number) => void): number {
    let count = 0
    for (let at = list; at !== 0; at = r32(at + LIST.Next), count++) visit(at)
    return count
  }
  /** DDI "dispatch IRQL tracking": who says that the IRQL is DISPATCH_LEVEL keeps others from asking. */
  function dispatchFlag(fn: string, flags: number): void {
    if ((flags & AT_DISPATCH_LEVEL) !== 0 && k.cpus.irql() < DISPATCH_LEVEL)
      violation(
        'DispatchFlag',
        fn,
        `The flags of ${fn} say that the IRQL is DISPATCH_LEVEL, but it is ${irqlName(k.cpus.irql())}: drivers that rely on it take their locks in the wrong form.`,
      )
  }
  /** DDI ndissendnetbufferlists, ndismindicatereceivenetbufferlists: whoever originates a list says so in it. */
  function sourceHandle(fn: string, list: number, station: Station6): void {
    const source = r32(list + LIST.SourceHandle)
    const origin = ways.isOut(list) ? ways.station(ways.origin(list)) : station
    if (!origin || source === origin.handle) return
    violation(
      'SourceHandle',
      fn,
      ways.isOut(list)
        ? `SourceHandle of the NET_BUFFER_LIST at ${hex(list)} was ${hex(origin.handle)} and is ${hex(source)} now: only who originates a list sets it.`
        : `SourceHandle of the NET_BUFFER_LIST at ${hex(list)} is ${hex(source)}; it must be ${hex(station.handle)}, the handle that ${fn} is given.`,
    )
  }
  function count(fn: string, list: number, given: number): void {
    const real = each(list, () => undefined)
    if (real !== given)
      violation(
        'NumberOfNetBufferLists',
        fn,
        `NumberOfNetBufferLists of ${fn} is ${given >>> 0}, but the chain has ${real} NET_BUFFER_LIST${real === 1 ? '' : 's'}.`,
      )
  }
  function oneNetBuffer(fn: string, list: number): void {
    const first = r32(list + LIST.FirstNetBuffer)
    if (first === 0 || r32(first + NET_BUFFER.Next) !== 0)
      violation(
        'ReceiveNetBuffers',
        fn,
        `The NET_BUFFER_LIST at ${hex(list)} is indicated with ${first === 0 ? 'no NET_BUFFER' : 'more than one NET_BUFFER'}; a received list has one.`,
      )
  }
  return { each, dispatchFlag, sourceHandle, count, oneNetBuffer }
}

/** Lists on their way through the stacks of NDIS 6: what is handed over, by whom and when. */
export function stackListRules(k: Kernel, parts: Parts): RuleFamily {
  const { violation } = k.verifier
  const { pools, ndis, handles } = parts
  const { ways } = ndis
  const { badChain } = createChainChecks(k, parts)
  const { each, dispatchFlag, sourceHandle, count, oneNetBuffer } = createContentChecks(k, parts)

  /** NET "filter module states", "binding states": only in Running does anybody send. */
  function sendState(fn: string, station: Station6): void {
    // A protocol is the one to say when its restart is done: what is below runs already.
    if (station.state !== 'running' && !(station.kind === 'binding' && station.state === 'restarting'))
      violation(
        'SendOutsideRunning',
        fn,
        `${fn} is called while the ${station.kind === 'filter' ? 'filter module' : 'binding'} is ${station.state}: sends begin after the restart and end with the pause. NDIS completes the lists with NDIS_STATUS_PAUSED.`,
      )
  }
  function receiveState(fn: string, station: Station6): void {
    const may = station.state === 'running' || (station.kind === 'miniport' && station.state === 'restarting')
    if (!may)
      violation(
        'ReceiveOutsideRunning',
        fn,
        `${fn} originates a receive indication while the ${station.kind === 'filter' ? 'filter module' : 'adapter'} is ${station.state}.`,
      )
  }
  const send =
    (fn: string, kind: Kind): Before =>
    (handle: number, list: number, _port: number, flags: number) => {
      const station = handles.station(fn, handle, kind)
      if (!station || badChain(fn, list, true)) return true
      dispatchFlag(fn, flags)
      each(list, (at) => sourceHandle(fn, at, station))
      sendState(fn, station)
      return false
    }
  function resourcesCleared(fn: string, list: number, flags: number): void {
    if ((flags & RECEIVE_RESOURCES) !== 0 || !ways.isOut(list) || !ways.has(list, WAY_RESOURCES)) return
    violation(
      'ReceiveResourcesFlag',
      fn,
      `${fn} passes the NET_BUFFER_LIST at ${hex(list)} on without NDIS_RECEIVE_FLAGS_RESOURCES, with which it came: whoever keeps it uses it after the driver below took it back. NDIS sets the flag again.`,
    )
  }
  const indicate =
    (fn: string, kind: Kind): Before =>
    (handle: number, list: number, _port: number, given: number, flags: number) => {
      const station = handles.station(fn, handle, kind)
      if (!station || badChain(fn, list, true)) return true
      dispatchFlag(fn, flags)
      count(fn, list, given)
      let own = false
      each(list, (at) => {
        own ||= !ways.isOut(at)
        sourceHandle(fn, at, station)
        oneNetBuffer(fn, at)
        resourcesCleared(fn, at, flags)
      })
      if (own) receiveState(fn, station)
      return false
    }
  const giveBack =
    (fn: string, kind: Kind): Before =>
    (handle: number, list: number, flags: number) => {
      if (!handles.station(fn, handle, kind) || badChain(fn, list, false)) return true
      dispatchFlag(fn, flags)
      return false
    }
  /** What is out belongs to somebody else: a free would pull it away from under them. */
  const free =
    (fn: string): Before =>
    (list: number) => {
      if (pools.poolOf(list, POOL_KIND.NET_BUFFER_LIST) === 0 || !ways.isOut(list)) return false
      const way = ways.has(list, WAY_RECEIVE) ? 'indicated and not returned' : 'sent and not completed'
      violation(
        'NetBufferListInUse',
        fn,
        `${fn} is given the NET_BUFFER_LIST at ${hex(list)}, which was ${way}: it is not freed, for others still use it.`,
        { acquired: ways.sentSite(list) },
      )
      return true
    }

  return {
    before: {
      NdisSendNetBufferLists: send('NdisSendNetBufferLists', 'binding'),
      NdisFSendNetBufferLists: send('NdisFSendNetBufferLists', 'filter'),
      NdisMIndicateReceiveNetBufferLists: indicate('NdisMIndicateReceiveNetBufferLists', 'miniport'),
      NdisFIndicateReceiveNetBufferLists: indicate('NdisFIndicateReceiveNetBufferLists', 'filter'),
      NdisMSendNetBufferListsComplete: giveBack('NdisMSendNetBufferListsComplete', 'miniport'),
      NdisFSendNetBufferListsComplete: giveBack('NdisFSendNetBufferListsComplete', 'filter'),
      NdisReturnNetBufferLists: giveBack('NdisReturnNetBufferLists', 'binding'),
      NdisFReturnNetBufferLists: giveBack('NdisFReturnNetBufferLists', 'filter'),
      ...Object.fromEntries(FREES.map((fn) => [fn, free(fn)])),
    },
  }
}
