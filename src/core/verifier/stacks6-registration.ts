import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { readFilterCharacteristics, readProtocolCharacteristics, type Characteristics6 } from '../ndis/characteristics6'
import type { DriverLife } from '../ndis/driver'
import { FILTER_DRIVER_OBJECT } from '../ndis/filter6'
import { isObject } from '../ndis/object-header'
import { OPEN_HEADER } from '../ndis/open-parameters'
import { BIND_CONTEXT_OBJECT, PROTOCOL_OBJECT } from '../ndis/protocol6'
import type { Stacks6 } from '../ndis/stacks6'
import { badHandle } from './handles'
import { createPaths } from './lock-holds'
import type { RuleFamily } from './rules'

interface Parts {
  readonly driver: DriverLife
  readonly stacks6: Stacks6
}

const OPEN = layout('NDIS_OPEN_PARAMETERS', 'MediumArray', 'MediumArraySize', 'SelectedMediumIndex')
const IN_BINDING = /^Protocol(BindAdapterEx|UnbindAdapterEx|NetPnPEvent)$/
/** Handlers of a filter that make others necessary (DDI filter_receive_net_buffer_lists, filter_oid_request). */
const NEEDS: readonly (readonly [string, string])[] = [
  ['ReceiveNetBufferListsHandler', 'StatusHandler'],
  ['OidRequestCompleteHandler', 'OidRequestHandler'],
]

/** Registration of protocols and filters of NDIS 6, their bindings and modules: why a call is refused, and what comes at the wrong time. */
export function stackRegistrationRules(k: Kernel, { driver, stacks6 }: Parts): RuleFamily {
  const { space, access } = k
  const { violation } = k.verifier
  const { protocols, filters } = stacks6
  const paths = createPaths(k)

  function refused(rule: string, fn: string, kind: string, { isOne, version, missing }: Characteristics6): void {
    const why = !isOne
      ? `Header must have the type NDIS_OBJECT_TYPE_${kind}_DRIVER_CHARACTERISTICS, a revision and its size`
      : version === 0
        ? 'MajorNdisVersion and MinorNdisVersion name no version of NDIS 6'
        : missing.length > 0
          ? `${missing.join(', ')} must be there`
          : undefined
    if (why) violation(rule, fn, `${fn} refuses the characteristics: ${why}.`)
  }
  function filterCharacteristics(address: number): boolean {
    const fn = 'NdisFRegisterFilterDriver'
    const characteristics = readFilterCharacteristics(space, address)
    refused('FilterCharacteristics', fn, 'FILTER', characteristics)
    for (const [handler, needed] of NEEDS)
      if (characteristics.handlers[handler] && !characteristics.handlers[needed])
        violation('FilterCharacteristics', fn, `A filter driver with a ${handler} must have a ${needed}, too.`)
    return false
  }
  /** true: NDIS would read or write where there is nothing. */
  function badOpenParameters(address: number): boolean {
    const fn = 'NdisOpenAdapterEx'
    if (!isObject(space, address, OPEN_HEADER)) {
      violation(
        'OpenParameters',
        fn,
        'Header of the NDIS_OPEN_PARAMETERS must have the type NDIS_OBJECT_TYPE_OPEN_PARAMETERS, a revision and its size.',
      )
      return false
    }
    const count = space.r32(address + OPEN.MediumArraySize)
    return (
      (count !== 0 && !access.range(fn, space.r32(address + OPEN.MediumArray), 4 * Math.min(count, 64), false)) ||
      !access.range(fn, space.r32(address + OPEN.SelectedMediumIndex), 4, true)
    )
  }
  function open(handle: number, parameters: number, bindContext: number): boolean {
    const fn = 'NdisOpenAdapterEx'
    const bad = badHandle(k, fn, handle, PROTOCOL_OBJECT)
    if (!bad && !badHandle(k, fn, bindContext, BIND_CONTEXT_OBJECT) && protocols.phaseOf(bindContext) !== 'binding')
      violation('OpenOutsideBind', fn, 'NdisOpenAdapterEx is called outside of ProtocolBindAdapterEx: NDIS fails it.')
    return badOpenParameters(parameters)
  }
  function close(handle: number): boolean {
    const outside = protocols.phaseOf(handle) === 'bound'
    if (outside)
      violation(
        'CloseOutsideUnbind',
        'NdisCloseAdapterEx',
        'NdisCloseAdapterEx is called outside of ProtocolBindAdapterEx and ProtocolUnbindAdapterEx: NdisUnbindAdapter asks NDIS for an unbind.',
      )
    const out = protocols.outOf(handle)
    if (out > 0)
      violation(
        'CloseWithRequestsOut',
        'NdisCloseAdapterEx',
        `NdisCloseAdapterEx is called with ${out === 1 ? 'one send or OID request' : `${out} sends and OID requests`} of the binding still out; the protocol must wait for the completions first.`,
      )
    return false
  }

  driver.addPart({
    unloaded() {
      for (const [handle, { owner, site }] of filters.drivers) {
        if (k.verifier.level('NdisFDeregisterFilterDriver') !== 'off') k.verifier.leftBehind.add(handle)
        violation(
          'NdisFDeregisterFilterDriver',
          'NdisFRegisterFilterDriver',
          `${owner.name} is unloaded and did not call NdisFDeregisterFilterDriver: NDIS would call into nothing.`,
          { at: site },
        )
      }
    },
  })

  return {
    before: {
      NdisRegisterProtocolDriver(_context: number, address: number) {
        const characteristics = readProtocolCharacteristics(space, address)
        refused('ProtocolCharacteristics', 'NdisRegisterProtocolDriver', 'PROTOCOL', characteristics)
        return false
      },
      NdisDeregisterProtocolDriver: (handle: number) =>
        badHandle(k, 'NdisDeregisterProtocolDriver', handle, PROTOCOL_OBJECT),
      NdisFRegisterFilterDriver: (_object: number, _context: number, address: number) => filterCharacteristics(address),
      NdisFDeregisterFilterDriver: (handle: number) =>
        badHandle(k, 'NdisFDeregisterFilterDriver', handle, FILTER_DRIVER_OBJECT),
      NdisOpenAdapterEx: (handle: number, _context: number, parameters: number, bindContext: number) =>
        open(handle, parameters, bindContext),
      NdisCloseAdapterEx: close,
      NdisReEnumerateProtocolBindings(handle: number) {
        const fn = 'NdisReEnumerateProtocolBindings'
        if (badHandle(k, fn, handle, PROTOCOL_OBJECT)) return true
        // Work that runs while a bind waits is not in it.
        if (protocols.protocols.get(handle)?.busy && paths.isInside(IN_BINDING))
          violation(
            'NdisReEnumerateProtocolBindings',
            fn,
            `${fn} is called inside of ProtocolBindAdapterEx, ProtocolUnbindAdapterEx or ProtocolNetPnPEvent of a binding.`,
          )
        return false
      },
      NdisCompleteBindAdapterEx: (context: number) =>
        badHandle(k, 'NdisCompleteBindAdapterEx', context, BIND_CONTEXT_OBJECT),
      NdisCompleteUnbindAdapterEx: (context: number) =>
        badHandle(k, 'NdisCompleteUnbindAdapterEx', context, BIND_CONTEXT_OBJECT),
    },
    after: {
      NdisFSetAttributes(status: number) {
        if (status !== 0)
          violation(
            'FilterAttributes',
            'NdisFSetAttributes',
            'NdisFSetAttributes fails: it is called once, inside of FilterAttach, with an NDIS_FILTER_ATTRIBUTES of the right header.',
          )
      },
    },
  }
}
