import type { DeviceWindows } from '../memory/device-windows'
import { hex } from './hex'
import type { Verifier } from './verifier'

interface Parts {
  readonly verifier: Verifier
  readonly windows: DeviceWindows
  readonly fault: (address: number, write: boolean, message: string) => never
}

/** Touches of the addresses where devices are mapped. */
export function createDeviceAccess({ verifier, windows, fault }: Parts) {
  /** Reports bytes that are not mapped. true when a window has them all. */
  function device(fn: string, address: number, length: number, write: boolean): boolean {
    const window = windows.at(address)
    const past = window ? address + length - window.address - window.length : 0
    if (window && past <= 0 && address >= window.address) return true
    if (verifier.muted) return false
    const what = `${write ? 'A write' : 'A read'} of ${length} byte${length === 1 ? '' : 's'} at ${hex(address)}`
    if (window) {
      const where = past > 0 ? `${past} byte${past === 1 ? '' : 's'} past the end` : 'in front'
      verifier.violation(
        'DeviceMemoryNotMapped',
        fn,
        `${what}, ${where} of the ${window.length} bytes of device memory that are mapped at ${hex(window.address)}.`,
        { allocated: window.site },
      )
      return true
    }
    const former = windows.former(address)
    const why = former ? 'where device memory was mapped until it was unmapped' : 'where no device memory is mapped'
    verifier.violation('DeviceMemoryNotMapped', fn, `${what}, ${why}.`, {
      allocated: former?.window.site ?? 0,
      freed: former?.unmapped ?? 0,
    })
    return fault(address, write, `${what}, ${why}.`)
  }
  /** A function that works on memory was given the address of registers. */
  function notMemory(fn: string, address: number, length: number, write: boolean): boolean {
    if (device(fn, address, length, write))
      verifier.violation(
        'DeviceMemoryAsBuffer',
        fn,
        `${fn} was given ${hex(address)}, which is device memory; it works on memory of the driver.`,
        { allocated: windows.at(address)?.site ?? 0 },
      )
    return false
  }
  return { device, notMemory }
}
