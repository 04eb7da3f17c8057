import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { Before, RuleFamily } from './rules'

/** A buffer that a function takes for what is in it: places of the arguments with its address and its length. */
interface Taken {
  readonly at: number
  readonly length: number
  /** Bytes of one of what the length counts. */
  readonly width: number
}

const INDICATION = layout('NDIS_STATUS_INDICATION', 'StatusBuffer', 'StatusBufferSize')
const WIDTHS: readonly (readonly [name: string, upper: string, bytes: number])[] = [
  ['Uchar', 'UCHAR', 1],
  ['Ushort', 'USHORT', 2],
  ['Ulong', 'ULONG', 4],
]
const taken = (at: number, length: number, width = 1): Taken => ({ at, length, width })

/** By function: the buffers that go on to a device, to a log or to another driver. */
const TAKEN: Readonly<Record<string, readonly Taken[]>> = {
  ...Object.fromEntries(
    WIDTHS.flatMap(([name, upper, width]) => [
      [`NdisRawWritePortBuffer${name}`, [taken(1, 2, width)]],
      [`WRITE_PORT_BUFFER_${upper}`, [taken(1, 2, width)]],
      [`WRITE_REGISTER_BUFFER_${upper}`, [taken(1, 2, width)]],
    ]),
  ),
  NdisWritePciSlotInformation: [taken(3, 4)],
  NdisMSetBusData: [taken(3, 4)],
  NdisImmediateWriteSharedMemory: [taken(2, 3)],
  NdisMWriteLogData: [taken(1, 2)],
  NdisMIndicateStatus: [taken(2, 3)],
  NdisMEthIndicateReceive: [taken(2, 3), taken(4, 5)],
}

/** Bytes that nobody wrote and that leave the driver. The functions themselves are checked elsewhere. */
export function unwrittenBufferRules(k: Kernel): RuleFamily {
  const { access, space } = k
  const USE = ', and it is handed on'
  const look = (fn: string, address: number, bytes: number): void => {
    if (address > 0 && bytes > 0 && address + bytes <= k.shadow.base) access.meant(fn, address, bytes, USE)
  }
  const hook =
    (fn: string, buffers: readonly Taken[]): Before =>
    (...args: readonly unknown[]): boolean => {
      for (const { at, length, width } of buffers)
        look(fn, Number(args[at]) >>> 0, (Number(args[length]) >>> 0) * width)
      return false
    }
  const indication =
    (fn: string) =>
    (_handle: number, status: number): boolean => {
      const from = Number(status) >>> 0
      if (from > 0 && from + INDICATION.SIZE <= k.shadow.base)
        look(fn, space.r32(from + INDICATION.StatusBuffer), space.r32(from + INDICATION.StatusBufferSize))
      return false
    }
  return {
    before: {
      ...Object.fromEntries(Object.entries(TAKEN).map(([fn, buffers]) => [fn, hook(fn, buffers)])),
      NdisMIndicateStatusEx: indication('NdisMIndicateStatusEx'),
      NdisFIndicateStatus: indication('NdisFIndicateStatus'),
    },
  }
}
