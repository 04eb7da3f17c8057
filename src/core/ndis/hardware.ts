import type { Kernel } from '../kernel/kernel'
import type { DeviceFactory } from '../nic/device'
import { createPciBus, type PciBus } from '../nic/pci'
import { createPhysicalMemory } from '../nic/physical-memory'
import { createDmaTransferRule } from '../verifier/dma-transfers'
import type { DmaMappings } from './dma-mapping'
import type { InterruptLines } from './interrupt-line'

/** Plugs devices into the machine: its clock, its memory, its interrupt lines. */
export function createHardware(
  k: Kernel,
  devices: readonly DeviceFactory[],
  lines: InterruptLines,
  mappings: DmaMappings,
): PciBus {
  const { violation } = k.verifier
  return createPciBus(devices, {
    clock: k.clock,
    memory: createPhysicalMemory({
      space: k.space,
      end: k.shadow.base,
      refused: (message) => violation('DV:DmaMisuse', '', message),
      ...(k.verifier.enabled && { transfer: createDmaTransferRule(k, mappings) }),
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
}
