import type { Width } from '../device'
import type { Chip } from './chip'
import type { RegisterFile } from './register-file'

const IOADDR = 0
const IODATA = 4

/** The I/O window of 8 bytes (SDM 13.2.2): the address of a register, and its data. */
export function createIoWindow({ host }: Chip, registers: RegisterFile) {
  let address = 0
  return {
    read(offset: number, width: Width): number {
      if (offset === IODATA) return registers.read(address, width)
      return offset === IOADDR ? address : 0
    },
    write(offset: number, width: Width, value: number): void {
      if (offset === IODATA) registers.write(address, width, value)
      else if (offset === IOADDR && width === 4) address = value
      else
        host.misused(
          'NicRegisterWidth',
          `write of ${width} byte${width === 1 ? '' : 's'} at offset ${offset} of the I/O window: IOADDR, at 0, and IODATA, at 4, take 32 bits (SDM 13.2.2).`,
        )
    },
    reset: () => void (address = 0),
  }
}
