/** Protocol drivers of NDIS 3 to 5: registration, bindings, PnP events. */
import { describe, expect, test } from 'vitest'
import type { Platform } from '../kernel/kernel'
import type { Cell } from '../memory/cell'
import { layout } from '../memory/layout'
import { cell } from '../test-guest'
import { createStack5Guest, type Handlers5, type Part5, type Stack5Guest } from '../test-stack5'
import { constant } from './constants'
import {
  NDIS_STATUS_BAD_CHARACTERISTICS,
  NDIS_STATUS_BAD_VERSION,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
} from './status'

const SIZE = layout('NDIS_PROTOCOL_CHARACTERISTICS').SIZE
const nothing = (): number => 0
/** What every protocol has (PV NDIS_PROTOCOL_CHARACTERISTICS). */
const HANDLERS: Handlers5 = {
  OpenAdapterCompleteHandler: nothing,
  CloseAdapterCompleteHandler: nothing,
  SendCompleteHandler: nothing,
  TransferDataCompleteHandler: nothing,
  ResetCompleteHandler: nothing,
  RequestCompleteHandler: nothing,
  ReceiveHandler: nothing,
  ReceiveCompleteHandler: nothing,
  StatusHandler: nothing,
  StatusCompleteHandler: nothing,
}

function register(stack: Stack5Guest, handlers: Handlers5, version = 0x5_0000, size = SIZE) {
  const [status, handle] = [cell(), cell()]
  stack.call('NdisRegisterProtocol', status, handle, stack.characteristics('PROTOCOL', handlers, version), size)
  return { status: status.value, handle: handle.value }
}

describe('NdisRegisterProtocol (PV ff554652)', () => {
  test.each([0x3_0000, 0x4_0000, 0x5_0000, 0x5_0001])('takes characteristics of version %i', (version) => {
    const stack = createStack5Guest()
    const { status, handle } = register(stack, HANDLERS, version)
    expect([status, handle === 0]).toEqual([NDIS_STATUS_SUCCESS, false])
    expect(stack.broken()).toEqual([])
  })
  test('a protocol of NDIS 3.0 gives a shorter structure', () => {
    const stack = createStack5Guest()
    const shorter = layout('NDIS_PROTOCOL_CHARACTERISTICS', 'ReceivePacketHandler').ReceivePacketHandler
    expect(register(stack, HANDLERS, 0x3_0000, shorter).status).toBe(NDIS_STATUS_SUCCESS)
    expect(register(stack, HANDLERS, 0x4_0000, shorter).status).toBe(NDIS_STATUS_BAD_CHARACTERISTICS)
    expect(stack.broken()).toEqual(['ProtocolCharacteristics'])
  })
  test.each([
    ['a version that there is not', 0x6_0000, {}, NDIS_STATUS_BAD_VERSION, /no NDIS 6\.0/],
    ['a handler that must be there', 0x5_0000, { ReceiveHandler: undefined }, NDIS_STATUS_BAD_CHARACTERISTICS, /ReceiveHandler must/],
  ])('refuses %s, and says why', (_name, version, missing, expected, why) => {
    const stack = createStack5Guest()
    const { status, handle } = register(stack, { ...HANDLERS, ...missing } as Handlers5, version)
    expect([status, handle]).toEqual([expected, 0])
    expect(stack.broken()).toEqual(['ProtocolCharacteristics'])
    expect(stack.machine.kernel.verifier.violations[0]!.message).toMatch(why)
  }) // prettier-ignore
  test('characteristics that are not there are refused', () => {
    const stack = createStack5Guest()
    stack.call('NdisRegisterProtocol', cell(), cell(), stack.zeroed(16), SIZE)
    expect(stack.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
})

describe('bindings (PV ProtocolBindAdapter, NdisOpenAdapter, NdisCloseAdapter)', () => {
  test.each([1, 2, 3, 4, 5, 6])('are opened and closed, at once or later, seed %i', (seed) => {
    const stack = createStack5Guest({ seed })
    stack.miniport()
    const tcp = stack.protocol('tcp')
    stack.start()
    expect(stack.machine.executive.network.stacks5.binding(tcp.handle)).toBeDefined()
    stack.unload()
    expect(stack.machine.executive.network.stacks5.binding(tcp.handle)).toBeUndefined()
    expect(stack.broken()).toEqual([])
  })
  test('over the seeds, both opens and closes are sometimes pending', () => {
    const seen = new Set<string>()
    for (let seed = 1; seed < 12; seed++) {
      const stack = createStack5Guest({ seed })
      stack.miniport()
      stack.protocol('tcp', {
        OpenAdapterCompleteHandler: nothing,
        BindAdapterHandler(status: Cell, _bind: number, name: number) {
          seen.add(`open ${open(stack, name, status).status}`)
          status.value = NDIS_STATUS_FAILURE
        },
      })
      stack.start()
    }
    expect([...seen].sort()).toEqual([`open ${NDIS_STATUS_SUCCESS}`, `open ${NDIS_STATUS_PENDING}`])
  })
  test('NDIS binds to adapters that start, and asks for the medium', () => {
    const stack = createStack5Guest()
    stack.miniport()
    const media: number[] = []
    stack.protocol('tcp', {
      BindAdapterHandler(status: Cell, _bind: number, name: number) {
        media.push(open(stack, name, status, constant('NdisMedium802_5')).status)
        status.value = NDIS_STATUS_FAILURE
      },
    })
    stack.start()
    expect(media).toEqual([constant('NDIS_STATUS_UNSUPPORTED_MEDIA')])
    expect(stack.machine.executive.network.stacks5.all[0]!.bindings).toEqual([])
    expect(stack.broken()).toEqual([])
  })
  test('a bind that fails with the binding open: NDIS closes it, and tells', () => {
    const stack = createStack5Guest()
    stack.miniport()
    stack.protocol('tcp', {
      OpenAdapterCompleteHandler: nothing,
      BindAdapterHandler(status: Cell, _bind: number, name: number) {
        open(stack, name, status)
        status.value = NDIS_STATUS_FAILURE
      },
    })
    stack.start()
    expect(stack.broken()).toEqual(['BindFailedWithOpenBinding'])
    expect(stack.machine.executive.network.stacks5.all[0]!.bindings).toEqual([])
  })
  test('an unbind without a close', () => {
    const stack = createStack5Guest()
    stack.miniport()
    stack.protocol('tcp', { UnbindAdapterHandler: (status: Cell) => void (status.value = NDIS_STATUS_SUCCESS) })
    stack.start()
    stack.unload()
    expect(stack.broken()).toEqual(['UnbindWithoutClose'])
  })
  test('a close waits for the sends of the binding, also when it is asked for first', () => {
    const stack = createStack5Guest()
    const packets: number[] = []
    const miniport = stack.miniport({
      SendHandler(_context: number, packet: number) {
        packets.push(packet)
        return NDIS_STATUS_PENDING
      },
    })
    const closed: number[] = []
    const tcp = stack.protocol('tcp', {
      CloseAdapterCompleteHandler: (context: number, status: number) => void closed.push(context, status),
    })
    stack.start()
    stack.send(tcp, stack.packet([1]))
    const status = cell()
    stack.call('NdisCloseAdapter', status, tcp.handle)
    expect(status.value).toBe(NDIS_STATUS_PENDING)
    stack.idle(1000)
    expect(closed).toEqual([])
    stack.atDispatch(() => stack.call('NdisMSendComplete', miniport.handle, packets[0], 0))
    stack.idle(1)
    expect(closed).toEqual([9, NDIS_STATUS_SUCCESS])
    expect(stack.broken()).toEqual([])
  })
  test('and for requests', () => {
    const stack = createStack5Guest()
    const miniport = stack.miniport({ QueryInformationHandler: () => NDIS_STATUS_PENDING })
    const tcp = stack.protocol('tcp', { CloseAdapterCompleteHandler: () => void stack.log.push('closed') })
    stack.start()
    stack.ask(tcp, stack.request('NdisRequestQueryInformation', 'OID_GEN_LINK_SPEED', [0, 0, 0, 0]))
    stack.call('NdisCloseAdapter', cell(), tcp.handle)
    stack.idle(10)
    expect(stack.log).not.toContain('closed')
    stack.atDispatch(() => stack.call('NdisMQueryInformationComplete', miniport.handle, 0))
    stack.idle(1)
    expect(stack.log.slice(-3)).toEqual(['tcp requestComplete', 'tcp closeAdapterComplete', 'closed'])
  })
  test('a handle that is being closed is no handle any more (PV NdisCloseAdapter)', () => {
    const stack = createStack5Guest()
    stack.miniport({ SendHandler: () => NDIS_STATUS_PENDING })
    const tcp = stack.protocol('tcp')
    stack.start()
    stack.send(tcp, stack.packet([1]))
    stack.call('NdisCloseAdapter', cell(), tcp.handle)
    const status = cell()
    stack.call('NdisCloseAdapter', status, tcp.handle)
    expect(status.value).toBe(NDIS_STATUS_FAILURE)
    stack.call('NdisReset', status, tcp.handle)
    expect(status.value).toBe(constant('NDIS_STATUS_CLOSING'))
    expect(stack.broken()).toEqual(['InvalidHandle', 'InvalidHandle'])
  })
  test('completions of what is not pending are told', () => {
    const stack = createStack5Guest()
    stack.miniport()
    const tcp = stack.protocol('tcp')
    stack.start()
    stack.call('NdisCompleteBindAdapter', 5, 0, 0)
    stack.call('NdisCompleteUnbindAdapter', tcp.handle, 0)
    stack.call('NdisCompletePnPEvent', 0, tcp.handle, stack.zeroed(layout('NET_PNP_EVENT').SIZE))
    expect(stack.broken()).toEqual(['CompleteNothingPending', 'CompleteNothingPending', 'CompleteNothingPending'])
  })
  test('an adapter by a name that nobody has', () => {
    const stack = createStack5Guest()
    stack.miniport()
    const tcp = stack.protocol('tcp')
    stack.start()
    const name = stack.zeroed(8)
    expect(open(stack, name, cell(), undefined, tcp).status).toBe(constant('NDIS_STATUS_ADAPTER_NOT_FOUND'))
    expect(open(stack, name, cell(), undefined, { handle: 0, driver: 77 }).status).toBe(
      constant('NDIS_STATUS_ADAPTER_NOT_FOUND'),
    )
    expect(stack.broken()).toEqual(['InvalidHandle'])
  })

  /** NdisOpenAdapter of the protocol that loads last, or of another. */
  function open(stack: Stack5Guest, name: number, status: Cell, medium = constant('NdisMedium802_3'), of?: Part5) {
    const [binding, index] = [cell(), cell()]
    const { protocols5 } = stack.machine.executive.network
    const media = stack.array(medium)
    const protocol = of?.driver ?? [...protocols5.keys()][0]!
    stack.call('NdisOpenAdapter', status, cell(), binding, index, media, 1, protocol, 9, name, 0, 0)
    return { status: status.value, binding: binding.value }
  }
})

describe('NdisDeregisterProtocol (PV ff551033)', () => {
  function bound(platform: Platform, handlers: Handlers5 = {}) {
    const stack = createStack5Guest({ platform })
    stack.miniport()
    const tcp = stack.protocol('tcp', handlers)
    stack.start()
    return { stack, tcp }
  }
  const deregister = (stack: Stack5Guest, handle: number): number => {
    const status = cell()
    stack.call('NdisDeregisterProtocol', status, handle)
    return status.value
  }
  test('unbinds what is still bound', () => {
    const { stack, tcp } = bound('nt')
    expect(deregister(stack, tcp.driver)).toBe(NDIS_STATUS_SUCCESS)
    expect(stack.machine.executive.network.stacks5.all[0]!.bindings).toEqual([])
    expect(stack.broken()).toEqual([])
  })
  test('on CE it closes nothing: open bindings are told (CE NdisCloseAdapter)', () => {
    const { stack, tcp } = bound('ce', { UnbindAdapterHandler: () => void stack.log.push('unbind called') })
    expect(deregister(stack, tcp.driver)).toBe(NDIS_STATUS_SUCCESS)
    expect(stack.broken()).toEqual(['DeregisterWithOpenBindings'])
    expect(stack.log).not.toContain('unbind called')
  })
  test.each([1, 2, 3, 4])('may be called from ProtocolUnbindAdapter of the last binding, seed %i', (seed) => {
    const stack = createStack5Guest({ seed })
    stack.miniport()
    const tcp = stack.protocol('tcp', {
      UnbindAdapterHandler(status: Cell) {
        stack.call('NdisCloseAdapter', status, tcp.handle)
        if (status.value === NDIS_STATUS_PENDING) stack.idle(1)
        status.value = NDIS_STATUS_SUCCESS
        stack.call('NdisDeregisterProtocol', cell(), tcp.driver)
      },
      CloseAdapterCompleteHandler: nothing,
    })
    stack.start()
    stack.machine.executive.adapters.forEach((adapter) => stack.machine.executive.adapters.stopping(adapter))
    expect(stack.log.filter((line) => line === 'tcp unbindAdapter').length).toBe(1)
    expect(stack.machine.executive.network.protocols5.size).toBe(0)
    expect(stack.broken()).toEqual([])
  })
  test('of what is no registration, or one that is gone', () => {
    const { stack, tcp } = bound('nt')
    expect(deregister(stack, 5)).toBe(NDIS_STATUS_FAILURE)
    deregister(stack, tcp.driver)
    deregister(stack, tcp.driver)
    expect(stack.broken()).toEqual(['InvalidHandle', 'InvalidHandle'])
  })
})

describe('PnP events (PV ProtocolPnPEvent)', () => {
  test('come with the event, and may be completed later with NdisCompletePnPEvent', () => {
    const stack = createStack5Guest()
    stack.miniport()
    const seen: number[] = []
    const tcp = stack.protocol('tcp', {
      PnPEventHandler(context: number, event: number) {
        seen.push(context, stack.machine.kernel.space.r32(event), stack.machine.kernel.cpus.irql())
        const { kernel } = stack.machine
        kernel.clock.setAlarm(kernel.clock.now() + 1000, () =>
          kernel.scheduler.queueThread(0, {
            name: 'later',
            kind: 0,
            irql: 0,
            run: () => void stack.call('NdisCompletePnPEvent', NDIS_STATUS_SUCCESS, tcp.handle, event),
          }),
        )
        return NDIS_STATUS_PENDING
      },
    })
    stack.start()
    const [binding] = stack.machine.executive.network.stacks5.all[0]!.bindings
    expect(binding!.end.pnpEvent(constant('NetEventQueryPower'))).toBe(NDIS_STATUS_SUCCESS)
    expect(seen).toEqual([9, constant('NetEventQueryPower'), 0])
    expect(stack.broken()).toEqual([])
  })
  test('one that is never completed stops the machine (bug check 0x7C, 25)', () => {
    const stack = createStack5Guest()
    stack.miniport()
    stack.protocol('tcp', { PnPEventHandler: () => NDIS_STATUS_PENDING })
    stack.start()
    const [binding] = stack.machine.executive.network.stacks5.all[0]!.bindings
    expect(stack.crash(() => binding!.end.pnpEvent(0)).parameters.slice(0, 2)).toEqual([0x25, 2])
  })
})
