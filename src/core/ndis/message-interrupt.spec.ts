import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import type { DriverFunction } from '../kernel/text'
import { COPY_CAUSE, COPY_REGISTER, createCopyDevice } from '../nic/copy-device'
import type { Device, DeviceHost } from '../nic/device'
import { cell } from '../test-guest'
import { createHardwareGuest } from '../test-hardware'
import type { MachineOptions } from '../machine'
import { constant } from './constants'

const CHARACTERISTICS = layout(
  'NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS',
  'InterruptHandler', 'InterruptDpcHandler', 'MsiSupported', 'MessageInterruptHandler', 'MessageInterruptDpcHandler',
  'InterruptType', 'MessageInfoTable',
) // prettier-ignore
const GROUP_AFFINITY = layout('GROUP_AFFINITY', 'Mask', 'Group')
const BAD_CHARACTERISTICS = 0xc0010005 | 0
const { DONE } = COPY_CAUSE
const [LINE_BASED, MESSAGE_BASED] = [1, 2]

interface Options extends MachineOptions {
  readonly supported?: boolean
  readonly without?: keyof typeof CHARACTERISTICS
}

/** A miniport of NDIS 6 with handlers for line and messages, which write down how they are called. */
function miniport({ supported = true, without, ...options }: Options = {}) {
  const guest = createHardwareGuest({ devices: [createCopyDevice, createCopyDevice], ...options })
  const { kernel, executive } = guest.machine
  const { space, cpus, text } = kernel
  const adapter = executive.adapters.create(0x6_0000, {})!
  Object.assign(adapter, { attributesSet: true, phase: 'running' })
  const calls: unknown[][] = []
  const code = (name: string, queue: number | undefined): number =>
    text.addressOf(((...args: unknown[]) => {
      calls.push([name, ...args.filter((arg) => typeof arg === 'number'), cpus.irql()])
      if (queue !== undefined) (args[queue] as { value: number }).value = 1
      return 1
    }) as DriverFunction)
  const address = guest.memory(CHARACTERISTICS.SIZE)
  space.fill(address, CHARACTERISTICS.SIZE, 0)
  space.w8(address, constant('NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT'))
  space.w8(address + 1, 1)
  space.w16(address + 2, constant('NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1'))
  const set = (member: keyof typeof CHARACTERISTICS, value: number): void =>
    member === without ? undefined : space.w32(address + CHARACTERISTICS[member], value)
  set('InterruptHandler', code('isr', 1))
  set('InterruptDpcHandler', code('dpc', undefined))
  space.w8(address + CHARACTERISTICS.MsiSupported, supported ? 1 : 0)
  set('MessageInterruptHandler', code('message isr', 2))
  set('MessageInterruptDpcHandler', code('message dpc', undefined))
  const handle = cell()
  const status = guest.call('NdisMRegisterInterruptEx', adapter.handle, 70, address, handle)
  const device = adapter.hardware!
  /** A copy of 0 bytes, which is done at once. */
  function ring(): void {
    const store = (register: number, value: number): void => device.device.write(0, register, 4, value)
    store(COPY_REGISTER.CAUSE, DONE)
    store(COPY_REGISTER.MASK, DONE)
    store(COPY_REGISTER.SOURCE, 0x4010_0000)
    store(COPY_REGISTER.TARGET, 0x4010_0000)
    store(COPY_REGISTER.DOORBELL, 1)
  }
  const member = (name: 'InterruptType' | 'MessageInfoTable'): number => space.r32(address + CHARACTERISTICS[name])
  return { ...guest, adapter, device, calls, status, handle: handle.value, ring, member }
}
const DIRQL = expect.any(Number) as number

describe('NdisMRegisterInterruptEx with MsiSupported (DDI ns-ndis-ndis_miniport_interrupt_characteristics)', () => {
  test('connects to the messages of the device and describes them', () => {
    const { status, member, device, machine, handle } = miniport()
    const { r8, r32 } = machine.kernel.space
    expect([status, member('InterruptType'), device.msi.enabled()]).toEqual([0, MESSAGE_BASED, true])
    const table = member('MessageInfoTable')
    const irql = machine.executive.lines.find(handle)!.irql
    expect([r8(table), r32(table + 4)]).toEqual([irql, 1])
    // MessageAddress, InterruptObject, Irql, Mode (Latched).
    expect([r32(table + 8), r32(table + 20), r8(table + 32), r32(table + 36)]).toEqual([0xfee0_0000, handle, irql, 1])
  })
  test('its ISR and DPC get the message', () => {
    const { ring, calls, machine, broken } = miniport()
    ring()
    machine.kernel.preempt()
    expect(calls).toEqual([
      ['message isr', 70, 0, DIRQL],
      ['message dpc', 70, 0, 0, 0, 0, 2],
    ])
    expect(broken()).toEqual([])
  })
  test('a message is sent once, whether the cause is cleared or not', () => {
    const { ring, calls, machine } = miniport()
    ring()
    machine.kernel.preempt()
    machine.kernel.preempt()
    expect(calls).toHaveLength(2)
    ring()
    machine.kernel.preempt()
    expect(calls).toHaveLength(4)
  })
  test('a driver that does not know messages gets the line', () => {
    const { ring, calls, machine, member, device } = miniport({ supported: false })
    expect([member('InterruptType'), member('MessageInfoTable'), device.msi.enabled()]).toEqual([LINE_BASED, 0, false])
    ring()
    machine.kernel.preempt()
    expect(calls[0]).toEqual(['isr', 70, DIRQL])
    expect(machine.kernel.verifier.violations.map(({ rule }) => rule)).toEqual(['InterruptStorm'])
  })
  test('and so does one whose device has none', () => {
    const factory = (host: DeviceHost): Device => {
      const device = createCopyDevice(host)
      return { ...device, identity: { ...device.identity, messages: 0 } }
    }
    expect(miniport({ devices: [factory, factory] }).member('InterruptType')).toBe(LINE_BASED)
  })
  test.each(['MessageInterruptHandler', 'MessageInterruptDpcHandler', 'InterruptHandler'] as const)(
    '%s must be there',
    (without) => {
      expect(miniport({ without }).status).toBe(BAD_CHARACTERISTICS)
    },
  )
  test('without MsiSupported the handlers of messages may be missing', () => {
    expect(miniport({ without: 'MessageInterruptHandler', supported: false }).status).toBe(0)
  })
  test('NdisMDeregisterInterruptEx turns messages off and takes the table', () => {
    const { call, handle, device, ring, calls, machine, member, memory, broken } = miniport()
    call('NdisMDeregisterInterruptEx', handle)
    expect(device.msi.enabled()).toBe(false)
    ring()
    machine.kernel.preempt()
    expect(calls).toEqual([])
    call('NdisMoveMemory', memory(8), member('MessageInfoTable'), 8)
    expect(broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
  })
})

describe('DPCs and synchronized functions of messages', () => {
  test('NdisMQueueDpc queues the DPC of the message (DDI ndismqueuedpc)', () => {
    const { call, handle, calls, machine, broken } = miniport()
    expect(call('NdisMQueueDpc', handle, 0, 1, 41)).toBe(1)
    machine.kernel.preempt()
    expect(calls).toEqual([['message dpc', 70, 0, 41, 0, 0, 2]])
    expect(broken()).toEqual([])
  })
  test('NdisMQueueDpcEx takes a group of processors and gives those where it was queued (DDI ndismqueuedpcex)', () => {
    const { call, handle, calls, memory, machine, broken } = miniport()
    const affinity = memory(GROUP_AFFINITY.SIZE)
    const { w16, w32 } = machine.kernel.space
    w32(affinity + GROUP_AFFINITY.Mask, 3)
    w16(affinity + GROUP_AFFINITY.Group, 0)
    expect(call('NdisMQueueDpcEx', handle, 0, affinity, 42)).toBe(1)
    w16(affinity + GROUP_AFFINITY.Group, 1)
    expect(call('NdisMQueueDpcEx', handle, 0, affinity, 43)).toBe(0)
    expect(calls).toEqual([['message dpc', 70, 0, 42, 0, 0, 2]])
    expect(broken()).toEqual([])
  })
  test('NdisMSynchronizeWithInterruptEx runs at the level of the message', () => {
    const { call, code, handle, machine } = miniport()
    let irql = -1
    const run = code(() => {
      irql = machine.kernel.cpus.irql()
      return 1
    })
    expect(call('NdisMSynchronizeWithInterruptEx', handle, 0, run, 5)).toBe(1)
    expect(irql).toBe(machine.executive.lines.find(handle)!.irql)
  })
  test('messages that the device does not have are refused; a line does not look', () => {
    const one = miniport()
    for (const fn of ['NdisMQueueDpc', 'NdisMQueueDpcEx', 'NdisMSynchronizeWithInterruptEx'])
      expect(one.call(fn, one.handle, 1, one.memory(12), 0)).toBe(0)
    expect(one.broken()).toEqual(Array(3).fill('InvalidMessageId'))
    const line = miniport({ supported: false })
    expect(line.call('NdisMQueueDpc', line.handle, 7, 1, 0)).toBe(1)
    expect(line.broken()).toEqual([])
  })
  test('several messages have ISRs of their own', () => {
    const hosts: DeviceHost[] = []
    const factory = (host: DeviceHost): Device => {
      hosts.push(host)
      const device = createCopyDevice(host)
      return { ...device, identity: { ...device.identity, messages: 4 } }
    }
    const { calls, machine } = miniport({ devices: [factory, factory] })
    for (const message of [3, 1, 3, 4]) hosts[1]!.setMessage(message)
    machine.kernel.preempt()
    expect(calls.map(([name, , message]) => [name, message])).toEqual([
      ['message isr', 3],
      ['message isr', 1],
      ['message dpc', 3],
      ['message dpc', 1],
    ])
  })
})

describe('resources of a device with messages', () => {
  const FLAGS = 2
  test('a driver of NDIS 6 sees the messages instead of the line', () => {
    const { call, adapter, machine, device } = miniport()
    const { r16, r32 } = machine.kernel.space
    const [raw, translated] = [cell(), cell()]
    call('NdisMGetDeviceProperty', adapter.handle, 0, 0, 0, raw, translated)
    const interrupt = (list: number): number => list + 12 + 8 + device.bars.length * 16
    // CM_RESOURCE_INTERRUPT_LATCHED | CM_RESOURCE_INTERRUPT_MESSAGE; MessageCount is 1.
    expect(r16(interrupt(raw.value) + FLAGS)).toBe(3)
    expect(r32(interrupt(raw.value) + 4) >>> 16).toBe(1)
    expect(r32(interrupt(translated.value) + 8)).toBe(0x51)
  })
})
