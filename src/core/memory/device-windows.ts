/** Where device memory is mapped into the virtual address space: above all RAM, below 2^31. */
export const WINDOWS_START = 0x6000_0000
export const WINDOWS_END = 0x7000_0000
const PAGE = 0x1000

/** Registers behind a window, by physical address. Values are unsigned and fit the width. */
export interface Registers {
  read(address: number, width: 1 | 2 | 4): number
  write(address: number, width: 1 | 2 | 4, value: number): void
}

/** A mapping of device memory. */
export interface DeviceWindow {
  /** Virtual address; its place in the page is that of the physical address. */
  readonly address: number
  readonly physical: number
  /** Bytes that were asked for; whole pages are mapped. */
  readonly length: number
  readonly registers: Registers
  /** The call site that mapped it. */
  readonly site: number
}

/** Device memory in the address space. Nothing of it is RAM: each access goes to the device. */
export interface DeviceWindows {
  /** The virtual address, or 0 when there is no room left. */
  map(physical: number, length: number, registers: Registers, site: number): number
  /** false when nothing is mapped at the address. */
  unmap(address: number, site: number): boolean
  /** The window whose pages hold the byte. */
  at(address: number): DeviceWindow | undefined
  /** The last window that began here or held the byte, and where it was unmapped. */
  former(address: number): { readonly window: DeviceWindow; readonly unmapped: number } | undefined
  /** Reads 1, 2 or 4 bytes from the device behind the address; 0 where none is mapped. */
  read(address: number, width: 1 | 2 | 4): number
  write(address: number, width: 1 | 2 | 4, value: number): void
  /** Told of each write to a device, before it is made. One watch a machine. */
  watch(writes: () => void): void
}

const pageOf = (address: number): number => address - (address % PAGE)
const pagesEnd = (start: number, length: number): number => pageOf(start + length + PAGE - 1)

/** `muted`: a debugger looks; reading a register may change the device, so nobody reads then. */
export function createDeviceWindows(muted: () => boolean): DeviceWindows {
  const windows: DeviceWindow[] = []
  const graves: { window: DeviceWindow; unmapped: number }[] = []
  let next = WINDOWS_START
  let last: DeviceWindow | undefined
  let watcher: (() => void) | undefined

  const holds = (window: DeviceWindow, address: number): boolean =>
    address >= pageOf(window.address) && address < pagesEnd(window.address, window.length)

  function at(address: number): DeviceWindow | undefined {
    if (last === undefined || !holds(last, address)) last = windows.find((window) => holds(window, address))
    return last
  }
  /** Pages for so many bytes, a page without a mapping behind them; used ones only when all were used once. */
  function place(bytes: number): number {
    if (bytes <= WINDOWS_END - next - PAGE) {
      next += bytes + PAGE
      return next - bytes - PAGE
    }
    const grave = graves.findIndex(
      ({ window }) => pagesEnd(window.address, window.length) - pageOf(window.address) === bytes,
    )
    return grave < 0 ? 0 : pageOf(graves.splice(grave, 1)[0]!.window.address)
  }

  return {
    at,
    map(physical, length, registers, site) {
      const page = place(pagesEnd(physical, length) - pageOf(physical))
      if (page === 0) return 0
      const address = page + (physical % PAGE)
      windows.push({ address, physical, length, registers, site })
      return address
    },
    unmap(address, site) {
      const index = windows.findIndex((window) => window.address === address)
      if (index < 0) return false
      graves.push({ window: windows[index]!, unmapped: site })
      windows.splice(index, 1)
      last = undefined
      return true
    },
    former: (address) => graves.findLast(({ window }) => holds(window, address)),
    read(address, width) {
      const window = muted() ? undefined : at(address)
      return window ? window.registers.read(address - window.address + window.physical, width) : 0
    },
    write(address, width, value) {
      const window = muted() ? undefined : at(address)
      if (window) watcher?.()
      window?.registers.write(address - window.address + window.physical, width, value)
    },
    watch(writes) {
      watcher = writes
    },
  }
}
