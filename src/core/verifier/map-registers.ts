import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { Adapters } from '../ndis/adapters'
import type { Dma } from '../ndis/dma'
import { MOST_MAP_REGISTERS, type AdapterMapRegisters } from '../ndis/map-registers'
import type { Mdls } from '../ndis/mdl'
import { mostPages } from '../ndis/sg-list'
import type { DmaAdapterChecks } from './dma-adapter'
import type { DescriptorPointers } from './descriptor-pointer'
import { hex } from './hex'
import { lastCallback } from './last-callback'
import type { RuleFamily } from './rules'
import type { ViolationDetails } from './verifier'

const UNIT = layout('NDIS_PHYSICAL_ADDRESS_UNIT')
const START = 'NdisMStartBufferPhysicalMapping'
const COMPLETE = 'NdisMCompleteBufferPhysicalMapping'
const NDIS5 = 0x5_0000

export interface MapRegisterParts {
  readonly adapters: Adapters
  readonly mdls: Mdls
  readonly dma: Dma
  readonly checks: DmaAdapterChecks
  readonly pointers: DescriptorPointers
}

/** DMA of NDIS 3 to 5: map registers are taken once, each maps one buffer at a time, and all is given back. */
export function mapRegisterRules(k: Kernel, { adapters, mdls, dma, checks, pointers }: MapRegisterParts): RuleFamily {
  const { violation } = k.verifier
  const { mapRegisters } = dma
  const misuse = (fn: string, message: string, details?: ViolationDetails): true => {
    violation('DV:DmaMisuse', fn, message, details)
    return true
  }

  function allocate(handle: number, _channel: number, _size: number, needed: number, maximum: number): boolean {
    const fn = 'NdisMAllocateMapRegisters'
    const adapter = checks.adapterOf(fn, handle)
    if (!adapter) return false
    checks.setsUp(fn, adapter)
    const taken = mapRegisters.of(adapter)
    if (taken) misuse(fn, `${fn} fails: the adapter has its map registers already.`, { allocated: taken.site })
    const each = mostPages(maximum >>> 0)
    if (needed >>> 0 === 0 || (needed >>> 0) * each > MOST_MAP_REGISTERS)
      violation(
        'MapRegisterLimit',
        fn,
        `${fn} fails: ${needed >>> 0} buffers of ${maximum >>> 0} bytes touch up to ${each} pages each, and a miniport may have 1 to ${MOST_MAP_REGISTERS} map registers in all.`,
      )
    return false
  }
  /** The map registers of an adapter; undefined, and a report, when it has none. */
  function registersOf(fn: string, handle: number): AdapterMapRegisters | undefined {
    const adapter = checks.adapterOf(fn, handle)
    if (!adapter) return undefined
    const registers = mapRegisters.of(adapter)
    if (!registers) misuse(fn, `${fn} is called for an adapter that has no map registers.`)
    return registers
  }
  const open = (registers: AdapterMapRegisters, report: (buffer: number, site: number) => void): void =>
    registers.open.forEach(({ buffer, site }) => report(buffer, site))

  function free(handle: number): boolean {
    const fn = 'NdisMFreeMapRegisters'
    const registers = registersOf(fn, handle)
    if (registers)
      open(registers, (buffer, site) =>
        misuse(fn, `${fn} takes the map register of the buffer at ${hex(buffer)}, which is still mapped.`, {
          allocated: site,
        }),
      )
    return !registers
  }
  /** true: a register that is not there. */
  function badRegister(fn: string, registers: AdapterMapRegisters, register: number): boolean {
    if (!k.traits.mapRegistersAreNumbered || register >>> 0 < registers.count) return false
    violation(
      'MapRegisterIndex',
      fn,
      `${fn} was given map register ${register >>> 0}; the adapter has 0 to ${registers.count - 1}.`,
      { allocated: registers.site },
    )
    return true
  }
  function start(handle: number, buffer: number, register: number, _write: number, array: number): boolean {
    const registers = registersOf(START, handle)
    if (!registers || badRegister(START, registers, register) || pointers.badMdl(START, buffer)) return true
    const bytes = mdls.byteCount(buffer)
    const used = registers.open.get(mapRegisters.key(buffer, register))
    if (used)
      misuse(
        START,
        `Map register ${register >>> 0} maps the buffer at ${hex(used.buffer)} still: that mapping is lost.`,
        {
          allocated: used.site,
        },
      )
    if (bytes > registers.maximum)
      violation(
        'MapRegisterLength',
        START,
        `The buffer has ${bytes} bytes; a map register of this adapter maps ${registers.maximum} (MaximumPhysicalMapping).`,
      )
    if (bytes > 0 && mdls.physicalAddress(buffer, mdls.byteOffset(buffer)) < 0)
      violation('MdlNotBuilt', START, `The pages of the MDL at ${hex(buffer)} were never filled in.`)
    return !k.access.range(START, Number(array) >>> 0, UNIT.SIZE * mdls.pages(buffer), true)
  }
  function complete(handle: number, buffer: number, register: number): boolean {
    const registers = registersOf(COMPLETE, handle)
    if (!registers || badRegister(COMPLETE, registers, register)) return true
    const used = registers.open.get(mapRegisters.key(buffer, register))
    if (!used)
      return misuse(COMPLETE, `${COMPLETE} ends a mapping that is not there: nothing was started, or it ended already.`)
    if (used.buffer !== buffer)
      misuse(
        COMPLETE,
        `Map register ${register >>> 0} maps the buffer at ${hex(used.buffer)}, not the one at ${hex(Number(buffer) >>> 0)}.`,
        { allocated: used.site },
      )
    return false
  }
  function initialize(handle: number): boolean {
    const fn = 'NdisMInitializeScatterGatherDma'
    const adapter = checks.adapterOf(fn, handle)
    if (!adapter) return false
    checks.setsUp(fn, adapter)
    if (adapter.version < NDIS5)
      violation('ScatterGatherVersion', fn, `${fn} is of NDIS 5; the miniport registered with an older version.`)
    return false
  }

  adapters.watch({
    ended(adapter) {
      const registers = mapRegisters.of(adapter)
      if (!registers) return
      const fn = lastCallback(adapter)
      const left = (message: string, site: number): void =>
        violation('DV:DmaMisuse', fn, message, { at: site, allocated: site })
      open(registers, (buffer, site) =>
        left(`The buffer at ${hex(buffer)} is still mapped; its adapter is gone.`, site),
      )
      left(`${fn} returned without NdisMFreeMapRegisters: its map registers are lost to the system.`, registers.site)
    },
  })
  return {
    before: {
      NdisMInitializeScatterGatherDma: initialize,
      NdisMAllocateMapRegisters: allocate,
      NdisMFreeMapRegisters: free,
      [START]: start,
      [COMPLETE]: complete,
    },
  }
}
