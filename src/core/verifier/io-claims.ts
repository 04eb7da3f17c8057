import type { Kernel } from '../kernel/kernel'
import type { BaseAddress } from '../nic/device'
import type { Adapter } from '../ndis/adapters'
import type { Executive } from '../ndis/executive'
import { physicalAddress } from '../ndis/physical-address'
import { hex } from './hex'
import { lastCallback } from './last-callback'
import type { RuleFamily } from './rules'

const REGISTER = 'NdisMRegisterIoPortRange'
const DEREGISTER = 'NdisMDeregisterIoPortRange'
const MAP = 'NdisMMapIoSpace'
const UNMAP = 'NdisMUnmapIoSpace'

/** Claims of ports and device memory: made too late, of what is not the adapter's, given up twice, left behind. */
export function ioClaimRules(k: Kernel, { adapters, claims }: Executive): RuleFamily {
  const { violation } = k.verifier

  function adapterOf(fn: string, handle: number): Adapter | undefined {
    const adapter = adapters.find(handle)
    if (!adapter) violation('InvalidHandle', fn, `${fn} was given ${hex(Number(handle) >>> 0)}, which is no adapter.`)
    return adapter
  }
  const isInitializing = ({ phase }: Adapter): boolean => phase === 'initializing'
  /** Adapters without a device have no resources: their drivers find their ports and memory in the registry. */
  function assigned(fn: string, adapter: Adapter, kind: BaseAddress['kind'], start: number, length: number): void {
    if (!adapter.hardware || claims.owner(adapter, kind, start, length) === 'own') return
    violation(
      'ResourceNotAssigned',
      fn,
      `${fn} claims ${length} ${kind === 'io' ? 'ports' : 'bytes'} at ${hex(start)}, which are not among the resources of its adapter.`,
    )
  }
  function release(fn: string, adapter: Adapter): void {
    if (isInitializing(adapter) || adapter.phase === 'halting') return
    violation('ReleaseOutsideHalt', fn, `${fn} may be called from MiniportInitialize and MiniportHalt only.`)
  }

  function register(_offset: unknown, handle: number, first: number, count: number): boolean {
    const adapter = adapterOf(REGISTER, handle)
    if (!adapter) return false
    if (!isInitializing(adapter)) violation(REGISTER, REGISTER, `${REGISTER} is called outside of MiniportInitialize.`)
    else if (!adapter.attributesSet)
      violation(REGISTER, REGISTER, `${REGISTER} is called before the attributes of the adapter are set.`)
    assigned(REGISTER, adapter, 'io', first >>> 0, count >>> 0)
    return false
  }
  function deregister(handle: number, first: number, count: number, offset: number): boolean {
    const adapter = adapterOf(DEREGISTER, handle)
    if (!adapter) return true
    release(DEREGISTER, adapter)
    const ranges = claims.portRanges().filter((range) => range.adapter === adapter)
    const range = ranges.find((candidate) => candidate.first === first >>> 0 && candidate.count === count >>> 0)
    if (!range) {
      const near = ranges.find((candidate) => candidate.first === first >>> 0)
      violation(
        'PortRangeNotRegistered',
        DEREGISTER,
        near
          ? `${DEREGISTER} gives up ${count >>> 0} ports at ${hex(first)}; ${near.count} were registered, and no part of them can be given up.`
          : `${DEREGISTER} gives up ${count >>> 0} ports at ${hex(first)}, which are not registered.`,
        { allocated: near?.site ?? 0 },
      )
      return true
    }
    if (offset !== range.first)
      violation(
        'PortRangeNotRegistered',
        DEREGISTER,
        `PortOffset of ${DEREGISTER} is ${hex(offset)}; ${REGISTER} gave ${hex(range.first)}.`,
        { allocated: range.site },
      )
    return false
  }
  function map(_address: unknown, handle: number, physical: unknown, length: number): boolean {
    const adapter = adapterOf(MAP, handle)
    if (!adapter) return false
    if (!isInitializing(adapter)) violation(MAP, MAP, `${MAP} is called outside of MiniportInitialize.`)
    assigned(MAP, adapter, 'memory', Number(physicalAddress(physical) ?? 0n), length >>> 0)
    return false
  }
  function unmap(handle: number, address: number, length: number): boolean {
    const adapter = adapterOf(UNMAP, handle)
    if (!adapter) return true
    release(UNMAP, adapter)
    const mapping = claims.mappings().find((candidate) => candidate.address === address)
    if (!mapping) {
      const former = k.windows.former(address)
      const again = former?.window.address === address
      violation(
        'IoSpaceNotMapped',
        UNMAP,
        `${UNMAP} was given ${hex(address)}, which ${again ? 'is unmapped already' : `no call of ${MAP} gave`}.`,
        again ? { allocated: former.window.site, freed: former.unmapped } : {},
      )
      return true
    }
    const wrong = [
      ...(mapping.adapter === adapter ? [] : ['MiniportAdapterHandle']),
      ...(mapping.length === length >>> 0 ? [] : ['Length']),
    ]
    if (wrong.length > 0)
      violation(
        'IoSpaceNotMapped',
        UNMAP,
        `${UNMAP} takes what ${MAP} was given; ${wrong.join(' and ')} differ${wrong.length > 1 ? '' : 's'}.`,
        { allocated: mapping.site },
      )
    return false
  }
  adapters.watch({
    ended(adapter) {
      for (const { first, count, site } of claims.portRanges().filter((range) => range.adapter === adapter))
        violation(
          'PortRangeLeftBehind',
          lastCallback(adapter),
          `The ${count} ports at ${hex(first)} are still registered when their adapter is gone.`,
          { at: site, allocated: site },
        )
      for (const { address, length, site } of claims.mappings().filter((mapping) => mapping.adapter === adapter))
        violation(
          'IoSpaceLeftBehind',
          lastCallback(adapter),
          `The ${length} bytes of device memory at ${hex(address)} are still mapped when their adapter is gone.`,
          { at: site, allocated: site },
        )
    },
  })
  return { before: { [REGISTER]: register, [DEREGISTER]: deregister, [MAP]: map, [UNMAP]: unmap } }
}
