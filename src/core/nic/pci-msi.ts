import { layout } from '../memory/layout'
import { constant } from '../ndis/constants'

const CONFIG = layout('PCI_COMMON_CONFIG', 'Status', 'u.type0.CapabilitiesPtr')
/** Behind the header of 64 bytes. */
const CAPABILITY = 0x50
/** Offsets in the capability (PCI 3.0, 6.8.1; 32-bit addresses, no mask bits). */
const MSI = { ID: 0, NEXT: 1, CONTROL: 2, ADDRESS: 4, DATA: 8 } as const
const ENABLE = 0x0001
const CAPABLE_SHIFT = 1
const ENABLED_SHIFT = 4
const COUNT_BITS = 7
const MOST_MESSAGES = 32
/** Where a write is an interrupt of the local APIC of the first CPU. */
export const MESSAGE_ADDRESS = 0xfee0_0000

/** Message-signaled interrupts of one function. */
export interface Msi {
  readonly messages: number
  enabled(): boolean
  /** As the system does when a driver connects to all messages. `data` is what the first one writes. */
  enable(data: number): void
  disable(): void
}

/**
 * The MSI capability in a configuration space and its writable bits; without messages there is none. Throws RangeError
 * for a number of messages that PCI cannot express.
 */
export function createMsi(config: DataView, writable: DataView, messages: number): Msi {
  const log = Math.log2(messages)
  const control = CAPABILITY + MSI.CONTROL
  if (messages === 0) return { messages, enabled: () => false, enable: () => undefined, disable: () => undefined }
  if (!Number.isInteger(log) || messages > MOST_MESSAGES)
    throw new RangeError(`a PCI function has 1, 2, 4, 8, 16 or 32 messages, not ${messages}`)
  config.setUint16(CONFIG.Status, constant('PCI_STATUS_CAPABILITIES_LIST'), true)
  config.setUint8(CONFIG['u.type0.CapabilitiesPtr'], CAPABILITY)
  config.setUint8(CAPABILITY + MSI.ID, constant('PCI_CAPABILITY_ID_MSI'))
  config.setUint16(control, log << CAPABLE_SHIFT, true)
  writable.setUint16(control, ENABLE | (COUNT_BITS << ENABLED_SHIFT), true)
  writable.setUint32(CAPABILITY + MSI.ADDRESS, 0xffff_fffc, true)
  writable.setUint16(CAPABILITY + MSI.DATA, 0xffff, true)
  return {
    messages,
    enabled: () => (config.getUint16(control, true) & ENABLE) !== 0,
    enable(data) {
      config.setUint32(CAPABILITY + MSI.ADDRESS, MESSAGE_ADDRESS, true)
      config.setUint16(CAPABILITY + MSI.DATA, data, true)
      config.setUint16(control, ENABLE | (log << ENABLED_SHIFT) | (log << CAPABLE_SHIFT), true)
    },
    disable: () => config.setUint16(control, config.getUint16(control, true) & ~ENABLE, true),
  }
}
