import type { Kernel } from '../kernel/kernel'
import { functionMembers, layout } from '../memory/layout'
import type { Network } from '../ndis/network'
import { missingOfProtocol5, PROTOCOL5_OBJECT, sizeOfProtocol5 } from '../ndis/protocol5'
import { counted } from './counted'
import { badHandle } from './handles'
import { hex } from './hex'
import type { RuleFamily } from './rules'
import type { Handles5 } from './stacks5-handles'

const CHARACTERISTICS = layout('NDIS_PROTOCOL_CHARACTERISTICS', 'MajorNdisVersion', 'MinorNdisVersion')
const HANDLERS = functionMembers('NDIS_PROTOCOL_CHARACTERISTICS')
const MOST_MEDIA = 64

/** Registration of protocols of NDIS 3 to 5, and the ends of their bindings (PV NdisRegisterProtocol, NdisCloseAdapter). */
export function bindingRules5(k: Kernel, network: Network, handles: Handles5): RuleFamily {
  const { space, verifier, access } = k
  const { violation } = verifier

  function badRange(fn: string, address: number, bytes: number): boolean {
    const before = verifier.count()
    if (bytes > 0) access.range(fn, address >>> 0, bytes, false)
    return verifier.count() !== before
  }
  function whyRefused(address: number, given: number): string | undefined {
    const major = space.r8(address + CHARACTERISTICS.MajorNdisVersion)
    const minor = space.r8(address + CHARACTERISTICS.MinorNdisVersion)
    const size = sizeOfProtocol5((major << 16) | minor)
    if (size === undefined) return `there is no NDIS ${major}.${minor} for protocols of this kind`
    if (given < size) return `${given} bytes are too few for NDIS ${major}.${minor}, which has ${size}`
    const missing = missingOfProtocol5(
      Object.fromEntries(HANDLERS.map(({ name, offset }) => [name, offset < size ? space.r32(address + offset) : 0])),
    )
    return missing.length > 0 ? `${missing.join(', ')} must be there` : undefined
  }
  function register(address: number, length: number): boolean {
    const fn = 'NdisRegisterProtocol'
    const given = length >>> 0
    if (badRange(fn, address, Math.min(Math.max(given, 2), CHARACTERISTICS.SIZE))) return true
    const why = whyRefused(address, given)
    if (why) violation('ProtocolCharacteristics', fn, `${fn} refuses the characteristics: ${why}.`)
    return false
  }
  function open(media: number, count: number, protocol: number, name: number): boolean {
    const fn = 'NdisOpenAdapter'
    badHandle(k, fn, protocol, PROTOCOL5_OBJECT)
    return (
      badRange(fn, media, 4 * Math.min(count >>> 0, MOST_MEDIA)) || badRange(fn, space.r32(name + 4), space.r16(name))
    )
  }
  function close(handle: number): boolean {
    const fn = 'NdisCloseAdapter'
    const binding = handles.binding(fn, handle)
    const held = binding ? network.indications5.heldBy(binding) : []
    if (held.length > 0)
      violation(
        'CloseWithPacketsHeld',
        fn,
        `${fn} is called while the protocol has ${counted(held.length, 'received packet')} that it did not give back with NdisReturnPackets; the first is at ${hex(held[0]!)}.`,
      )
    return false
  }
  function deregister(handle: number): boolean {
    const fn = 'NdisDeregisterProtocol'
    if (badHandle(k, fn, handle, PROTOCOL5_OBJECT)) return false
    const open = [...(network.protocols5.get(handle)?.bound.values() ?? [])].filter(({ unbinding }) => !unbinding)
    if (open.length > 0 && !k.traits.deregisterUnbinds)
      violation(
        'DeregisterWithOpenBindings',
        fn,
        `${fn} is called with ${counted(open.length, 'open binding')}: Windows CE does not close bindings, the protocol must.`,
      )
    return false
  }

  return {
    before: {
      NdisRegisterProtocol: (_Status: unknown, _handle: unknown, address: number, length: number) =>
        register(address, length),
      NdisDeregisterProtocol: (_Status: unknown, handle: number) => deregister(handle),
      NdisOpenAdapter: (
        _Status: unknown,
        _error: unknown,
        _binding: unknown,
        _index: unknown,
        media: number,
        count: number,
        protocol: number,
        _context: unknown,
        name: number,
      ) => open(media, count, protocol, name),
      NdisCloseAdapter: (_Status: unknown, handle: number) => close(handle),
    },
  }
}
