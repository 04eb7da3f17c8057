import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import type { Adapters } from '../ndis/adapters'
import { isNdis6 } from '../ndis/bus-master'
import { constant } from '../ndis/constants'
import type { Dma } from '../ndis/dma'
import type { DriverLife } from '../ndis/driver'
import { LONGEST_CHAIN, type Mdls } from '../ndis/mdl'
import { NB } from '../ndis/net-buffer-chain'
import { isObject } from '../ndis/object-header'
import { DMA_OBJECT, type SgList } from '../ndis/scatter-gather'
import type { DmaAdapterChecks } from './dma-adapter'
import type { DescriptorPointers } from './descriptor-pointer'
import { badHandle } from './handles'
import { hex } from './hex'
import { lastCallback } from './last-callback'
import type { NetBufferLook } from './net-buffer-look'
import type { RuleFamily } from './rules'
import { checkReturned } from './spoiled-blocks'
import type { ViolationDetails } from './verifier'

const DESCRIPTION = layout('NDIS_SG_DMA_DESCRIPTION', 'ProcessSGListHandler')
const DESCRIPTION_OBJECT = {
  type: constant('NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION'),
  size: constant('NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1'),
}
const PARAMETERS = layout(
  'NDIS_SCATTER_GATHER_LIST_PARAMETERS',
  'Mdl', 'CurrentVa', 'Length', 'ProcessSGListHandler', 'ScatterGatherListBuffer', 'ScatterGatherListBufferSize',
) // prettier-ignore
const PARAMETERS_OBJECT = {
  type: constant('NDIS_OBJECT_TYPE_DEFAULT'),
  size: constant('NDIS_SIZEOF_SCATTER_GATHER_LIST_PARAMETERS_REVISION_1'),
}
const NBL = layout('NET_BUFFER_LIST', 'Next', 'FirstNetBuffer')
const TOUCHED = 'the device may still touch its data.'
const KNOWN_FLAGS = constant('NDIS_SG_LIST_WRITE_TO_DEVICE')

export interface ScatterGatherParts {
  readonly adapters: Adapters
  readonly driver: DriverLife
  readonly mdls: Mdls
  readonly dma: Dma
  readonly checks: DmaAdapterChecks
  readonly pointers: DescriptorPointers
  readonly look: NetBufferLook
}

/** Scatter/gather DMA of NDIS 6: registered and given back, lists that go back once and with what they were made of. */
export function scatterGatherRules(k: Kernel, parts: ScatterGatherParts): RuleFamily {
  const { adapters, driver, mdls, dma, checks, pointers, look } = parts
  const { space, access } = k
  const { violation } = k.verifier
  const { scatterGather } = dma
  const misuse = (fn: string, message: string, details?: ViolationDetails): true => {
    violation('DV:DmaMisuse', fn, message, details)
    return true
  }
  const made = (list: SgList): ViolationDetails => ({ allocated: list.site })

  function register(handle: number, description: number, _out: OutParam): boolean {
    const fn = 'NdisMRegisterScatterGatherDma'
    const adapter = checks.adapterOf(fn, handle)
    if (!adapter) return false
    if (isNdis6(adapter)) checks.setsUp(fn, adapter)
    else violation('ScatterGatherVersion', fn, `${fn} is of NDIS 6; the miniport registered with an older version.`)
    if (!isObject(space, description, DESCRIPTION_OBJECT))
      violation(
        'ScatterGatherDescription',
        fn,
        `${fn} refuses the description: Header must have the type NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION, a revision and its size.`,
      )
    else if (!driver.handler(space.r32(description + DESCRIPTION.ProcessSGListHandler)))
      violation(
        'ScatterGatherDescription',
        fn,
        'ProcessSGListHandler is no function of the driver: the first scatter/gather list has nowhere to go.',
      )
    return false
  }
  function deregister(handle: number): boolean {
    const fn = 'NdisMDeregisterScatterGatherDma'
    if (badHandle(k, fn, Number(handle) >>> 0, DMA_OBJECT)) return true
    scatterGather.forEachList((list) => {
      if (list.handle === handle)
        misuse(fn, `${fn} ends the DMA whose scatter/gather list at ${hex(list.address)} is still out.`, made(list))
    })
    const { adapter } = scatterGather.channel(handle)!
    dma.blocks.forEach((block, address) => {
      if (block.adapter === adapter.handle)
        misuse(fn, `${fn} ends the DMA whose shared memory at ${hex(address)} is still allocated.`, {
          allocated: block.site,
        })
    })
    return false
  }

  /** Memory for a list: the caller's, and no list in it. */
  function badBuffer(fn: string, buffer: number, bytes: number): boolean {
    if (buffer === 0) return false
    if (bytes > 0 && !access.range(fn, buffer, bytes, true)) return true
    const used = scatterGather.list(buffer)
    if (!used) return false
    return misuse(fn, `ScatterGatherListBuffer at ${hex(buffer)} holds a list that is still out.`, made(used))
  }
  /** Reports the first MDL of the range that has no pages. */
  function unbuilt(fn: string, first: number, bytes: number): void {
    let left = bytes
    let mdl = first
    for (let links = 0; left > 0 && mdl !== 0 && links < LONGEST_CHAIN; links++, mdl = mdls.next(mdl)) {
      const here = mdls.byteCount(mdl)
      if (here > 0 && mdls.physicalAddress(mdl, mdls.byteOffset(mdl)) < 0)
        return violation(
          'MdlNotBuilt',
          fn,
          `The pages of the MDL at ${hex(mdl)} were never filled in: there is nothing that a device could be given.`,
        )
      left -= here
    }
  }
  function allocate(
    handle: number,
    netBuffer: number,
    _context: number,
    flags: number,
    buffer: number,
    size: number,
  ): boolean {
    const fn = 'NdisMAllocateNetBufferSGList'
    if (badHandle(k, fn, Number(handle) >>> 0, DMA_OBJECT) || look.badCurrent(fn, netBuffer)) return true
    if ((flags & ~KNOWN_FLAGS) !== 0)
      violation('ScatterGatherFlags', fn, `Flags are ${hex(flags >>> 0)}; there is NDIS_SG_LIST_WRITE_TO_DEVICE only.`)
    const bytes = space.r32(netBuffer + NB.CurrentMdlOffset) + space.r32(netBuffer + NB.DataLength)
    unbuilt(fn, space.r32(netBuffer + NB.CurrentMdl), bytes)
    return badBuffer(fn, Number(buffer) >>> 0, Number(size) >>> 0)
  }
  function build(handle: number, parameters: number): boolean {
    const fn = 'NdisBuildScatterGatherList'
    const adapter = checks.adapterBehind(fn, handle)
    if (!adapter) return false
    const bad = (why: string): boolean => {
      violation('ScatterGatherParameters', fn, `${fn} refuses its parameters: ${why}.`)
      return false
    }
    if (!scatterGather.hasChannel(adapter)) return bad('the miniport never called NdisMRegisterScatterGatherDma')
    if (!isObject(space, parameters, PARAMETERS_OBJECT))
      return bad('Header must have the type NDIS_OBJECT_TYPE_DEFAULT, a revision and its size')
    const get = (field: number): number => space.r32(parameters + field)
    const mdl = get(PARAMETERS.Mdl)
    if (pointers.badMdl(fn, mdl)) return true
    const skip = get(PARAMETERS.CurrentVa) - mdls.virtualAddress(mdl)
    if (skip < 0 || skip > mdls.byteCount(mdl)) return bad('CurrentVa is no address that Mdl describes')
    if (!driver.handler(get(PARAMETERS.ProcessSGListHandler)))
      return bad('ProcessSGListHandler is no function of the driver')
    unbuilt(fn, mdl, get(PARAMETERS.Length))
    return badBuffer(fn, get(PARAMETERS.ScatterGatherListBuffer), get(PARAMETERS.ScatterGatherListBufferSize))
  }

  /** What is wrong with giving a list back at all; the list when it can be. */
  function given(fn: string, handle: number, address: number, ofNetBuffer: boolean): SgList | undefined {
    const list = scatterGather.list(address)
    if (!list) {
      const freed = scatterGather.freed(address)
      const what = freed === undefined ? 'is no scatter/gather list' : 'is freed already'
      misuse(fn, `${fn} was given ${hex(Number(address) >>> 0)}, which ${what}.`, { freed: freed ?? 0 })
      return undefined
    }
    if ((list.netBuffer !== 0) !== ofNetBuffer) {
      const right = ofNetBuffer ? 'NdisFreeScatterGatherList' : 'NdisMFreeNetBufferSGList'
      misuse(fn, `The list at ${hex(address)} is freed with ${right}, not with ${fn}.`, made(list))
      return undefined
    }
    if (list.handle !== handle)
      misuse(fn, `${fn} was given a handle other than the one that the list at ${hex(address)} is of.`, made(list))
    if (!list.arrived)
      misuse(fn, `The list at ${hex(address)} is freed before MiniportProcessSGList was given it.`, made(list))
    memoryOf(fn, list)
    return list
  }
  function memoryOf(fn: string, list: SgList): void {
    if (!list.own) return void access.range(fn, list.address, list.bytes, false)
    checkReturned(k, fn, list.address, 'DV:DmaMisuse')
  }
  function free(handle: number, address: number, netBuffer: number): boolean {
    const fn = 'NdisMFreeNetBufferSGList'
    const list = given(fn, handle, address, true)
    if (list && list.netBuffer !== netBuffer)
      misuse(
        fn,
        `The list at ${hex(address)} is of the NET_BUFFER at ${hex(list.netBuffer)}, not of ${hex(Number(netBuffer) >>> 0)}.`,
        made(list),
      )
    return !list
  }

  /** DDI: data that a device may still touch is not given away, and not looked at before the caches are flushed. */
  function stillOut(fn: string, netBuffer: number, consequence: string): void {
    const list = scatterGather.listOf(netBuffer)
    if (list)
      misuse(
        fn,
        `The scatter/gather list at ${hex(list.address)} of the NET_BUFFER at ${hex(netBuffer)} is still out; ${consequence}`,
        made(list),
      )
  }
  /** The same for all of a chain of NET_BUFFER_LISTs, or for `most` of them. */
  function listsStillOut(fn: string, first: number, consequence: string, most = LONGEST_CHAIN): false {
    if (scatterGather.lists() === 0) return false
    const next = (address: number): number => space.i32[address >> 2]! >>> 0
    let netBuffers = 0
    let nbl = first >>> 0
    for (let links = 0; nbl !== 0 && links < most; links++, nbl = next(nbl + NBL.Next))
      for (let nb = next(nbl + NBL.FirstNetBuffer); nb !== 0 && netBuffers < LONGEST_CHAIN; nb = next(nb + NB.Next)) {
        netBuffers++
        stillOut(fn, nb, consequence)
      }
    return false
  }

  adapters.watch({
    ended(adapter) {
      const fn = lastCallback(adapter)
      scatterGather.forEachList((list) => {
        if (list.adapter === adapter)
          violation(
            'DV:DmaMisuse',
            fn,
            `The scatter/gather list at ${hex(list.address)} was never freed; its adapter is gone.`,
            { at: list.site, ...made(list) },
          )
      })
      scatterGather.forEachChannel((channel) => {
        if (channel.adapter === adapter)
          violation(
            'Init_RegisterSG',
            fn,
            `${fn} returned without NdisMDeregisterScatterGatherDma: the DMA of NdisMRegisterScatterGatherDma is never given back.`,
            { at: channel.site, allocated: channel.site },
          )
      })
    },
  })
  return {
    before: {
      NdisMRegisterScatterGatherDma: register,
      NdisMDeregisterScatterGatherDma: deregister,
      NdisMAllocateNetBufferSGList: allocate,
      NdisMFreeNetBufferSGList: free,
      NdisBuildScatterGatherList: build,
      NdisFreeScatterGatherList: (handle: number, address: number) =>
        !given('NdisFreeScatterGatherList', handle, address, false),
      NdisFreeNetBuffer(netBuffer: number) {
        if (scatterGather.lists() > 0) stillOut('NdisFreeNetBuffer', netBuffer, TOUCHED)
        return false
      },
      NdisFreeNetBufferList: (list: number) => listsStillOut('NdisFreeNetBufferList', list, TOUCHED, 1),
      NdisMSendNetBufferListsComplete: (_handle: number, first: number) =>
        listsStillOut(
          'NdisMSendNetBufferListsComplete',
          first,
          'its data goes back to its owner: NdisMFreeNetBufferSGList comes first.',
        ),
      NdisMIndicateReceiveNetBufferLists: (_handle: number, first: number) =>
        listsStillOut(
          'NdisMIndicateReceiveNetBufferLists',
          first,
          'NdisMFreeNetBufferSGList comes first, so that the caches agree with what the device wrote.',
        ),
    },
  }
}
