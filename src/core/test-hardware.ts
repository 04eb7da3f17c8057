import type { MachineOptions } from './machine'
import type { DriverFunction } from './kernel/text'
import { layout } from './memory/layout'
import type { Adapter } from './ndis/adapters'
import { COPY_REGISTER, createCopyDevice } from './nic/copy-device'
import type { AssignedBar, PciFunction } from './nic/pci'
import { createGuest, type Guest } from './test-guest'

const INTERRUPT_BYTES = layout('NDIS_MINIPORT_INTERRUPT').SIZE

/** For specs: a miniport of NDIS 5 inside of MiniportInitialize, with its attributes set, on a copying device. */
export interface HardwareGuest extends Guest {
  readonly adapter: Adapter
  readonly device: PciFunction
  /** As the firmware assigned them. */
  readonly registers: AssignedBar
  readonly ports: AssignedBar
  /** A register of the device, past every rule. */
  load(register: number): number
  store(register: number, value: number): void
  /** Asks for a copy of 0 bytes, which is done at once and asserts the line when `mask` lets it. */
  ring(mask: number): void
  /** The address of a function. */
  code(run: (...args: number[]) => unknown): number
  /** NdisMRegisterInterrupt with RequestIsr; the NDIS_MINIPORT_INTERRUPT. */
  connect(): number
}

export interface HardwareOptions extends MachineOptions {
  readonly isr?: (guest: HardwareGuest) => void
  readonly dpc?: (guest: HardwareGuest) => void
}

export function createHardwareGuest({ isr, dpc, ...options }: HardwareOptions = {}): HardwareGuest {
  const guest = createGuest({ devices: [createCopyDevice], ...options })
  const { kernel, executive } = guest.machine
  const { bus, adapters } = executive
  const code = (run: (...args: number[]) => unknown): number => kernel.text.addressOf(run as DriverFunction)
  const adapter = adapters.create(0x50001, {
    ISRHandler: code((recognized, queue) => {
      Object.assign(recognized as unknown as object, { value: 1 })
      Object.assign(queue as unknown as object, { value: dpc ? 1 : 0 })
      isr?.(hardware)
    }),
    HandleInterruptHandler: code(() => dpc?.(hardware)),
  })!
  adapter.attributesSet = true
  const device = bus.functions[0]!
  const bar = (kind: AssignedBar['kind']): AssignedBar => device.bars.find((candidate) => candidate.kind === kind)!
  const registers = bar('memory')
  const hardware: HardwareGuest = {
    ...guest,
    adapter,
    device,
    registers,
    ports: bar('io'),
    code,
    load: (register) => bus.read('memory', registers.start + register, 4)!,
    store: (register, value) => void bus.write('memory', registers.start + register, 4, value),
    ring(mask) {
      hardware.store(COPY_REGISTER.MASK, mask)
      hardware.store(COPY_REGISTER.LENGTH, 0)
      hardware.store(COPY_REGISTER.SOURCE, 0x4010_0000)
      hardware.store(COPY_REGISTER.TARGET, 0x4010_0000)
      hardware.store(COPY_REGISTER.DOORBELL, 1)
    },
    connect() {
      const interrupt = guest.memory(INTERRUPT_BYTES)
      guest.call('NdisMRegisterInterrupt', interrupt, adapter.handle, 9, 9, 1, 0, 0)
      return interrupt
    },
  }
  return hardware
}
