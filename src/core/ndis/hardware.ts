import type { Kernel } from '../kernel/kernel'
import type { DeviceFactory, DeviceState } from '../nic/device'
import { SYS_DEVICE, SYS_MACHINE } from '../memory/records'
import { createPciBus, type PciBus } from '../nic/pci'
import { createPhysicalMemory } from '../nic/physical-memory'
import { createDmaTransferRule } from '../verifier/dma-transfers'
import type { Wiring } from '../wire/wiring'
import type { DmaMappings } from './dma-mapping'
import type { InterruptLines } from './interrupt-line'

/** What a debugger finds of the devices: a SYS_DEVICE each. */
function createDeviceRecords({ space, system, machine }: Kernel) {
  const records = new Map<number, number>()
  return {
    state(slot: number, words: number): DeviceState {
      const record = system.allocate(SYS_DEVICE.SIZE)
      const state = system.allocate(4 * words)
      space.w32(record + SYS_DEVICE.Next, space.r32(machine + SYS_MACHINE.Devices))
      space.w32(record + SYS_DEVICE.Slot, slot)
      space.w32(record + SYS_DEVICE.State, state)
      space.w32(record + SYS_DEVICE.StateBytes, 4 * words)
      space.w32(machine + SYS_MACHINE.Devices, record)
      records.set(slot, record)
      return { words: space.i32, at: state >> 2 }
    },
    name(slot: number, name: string): void {
      const record = records.get(slot)
      if (record !== undefined) space.w32(record + SYS_DEVICE.Name, system.intern(name))
    },
  }
}

/** Plugs devices into the machine: its clock, its memory, its interrupt lines, its wire. */
export function createHardware(
  k: Kernel,
  devices: readonly DeviceFactory[],
  lines: InterruptLines,
  { mappings, wiring }: { readonly mappings: DmaMappings; readonly wiring: Wiring },
): PciBus {
  const { violation } = k.verifier
  const records = createDeviceRecords(k)
  const orders = { site: 0 }
  const bus = createPciBus(devices, {
    clock: k.clock,
    frames: wiring.frames,
    plug: wiring.plug,
    state: records.state,
    misused: ({ device, order }, rule, message) => violation(rule, '', `${device.name}: ${message}`, { at: order }),
    site: () => k.site.s,
    orders,
    memory: createPhysicalMemory({
      space: k.space,
      end: k.shadow.base,
      refused: (message) => violation('DV:DmaMisuse', '', message, { at: orders.site }),
      ...(k.verifier.enabled && { transfer: createDmaTransferRule(k, mappings, orders) }),
    }),
    log: (text) => k.output(`${text}\n`),
    interruptChanged: (slot, asserted) => lines.levelChanged(slot, asserted),
    messageSent: (slot, message) => lines.messageSent(slot, message),
    notMaster: ({ device }) =>
      violation(
        'BusMasterDisabled',
        '',
        `The ${device.name} wants to reach memory while PCI_ENABLE_BUS_MASTER is clear in its Command register.`,
      ),
  })
  for (const { slot, device } of bus.functions) records.name(slot, device.name)
  return bus
}
