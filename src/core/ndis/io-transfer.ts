import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { constant } from './constants'
import type { IoBuffers } from './io-buffers'
import { CONTROL, IRP, MAJOR, METHOD, methodOf } from './irp-layout'

const FLAGS = layout('DEVICE_OBJECT', 'Flags').Flags
const LENGTH = layout('IO_STACK_LOCATION', 'Parameters.Read.Length')['Parameters.Read.Length']
const BUFFERED_IO = constant('DO_BUFFERED_IO')
const DIRECT_IO = constant('DO_DIRECT_IO')

/** The buffers of the requestor: addresses and bytes. IRP_MJ_WRITE has an input only, IRP_MJ_READ an output. */
export interface Transfer {
  readonly major: number
  /** I/O control code; of the device control requests only. */
  readonly code: number
  readonly input: number
  readonly inputLength: number
  readonly output: number
  readonly outputLength: number
}

/** What happens when a request has ended. */
export interface CopyBack {
  /** Bytes of the requestor's buffer that `information` counts; Infinity when nothing is copied into it. */
  readonly room: number
  /** Copies what a buffered request brought: `information` bytes as far as there is room. */
  copy(information: number): void
}
const NOTHING_TO_COPY: CopyBack = { room: Infinity, copy: () => undefined }

interface Place {
  readonly irp: number
  /** The stack location of the driver that gets the request. */
  readonly stack: number
  readonly buffers: IoBuffers
}

/**
 * Lays the buffers of a request out as its control code says, or for reads and writes the flags of the device. undefined
 * when memory is short.
 */
export function createTransfers(k: Kernel) {
  const { space } = k
  const { r32, w32 } = space

  /** Buffered I/O: one buffer of the I/O manager for both ways. */
  function buffered({ irp, buffers }: Place, transfer: Transfer): CopyBack | undefined {
    const { input, inputLength, output, outputLength } = transfer
    const bytes = Math.max(inputLength, outputLength)
    const systemBuffer = buffers.system(bytes)
    if (systemBuffer === 0 && bytes > 0) return undefined
    w32(irp + IRP.SystemBuffer, systemBuffer)
    w32(irp + IRP.UserBuffer, output)
    if (inputLength > 0) space.move(systemBuffer, input, inputLength)
    // Without an output buffer the request is not marked as one that brings something.
    if (outputLength === 0) return NOTHING_TO_COPY
    return {
      room: outputLength,
      copy: (information) => space.move(output, systemBuffer, Math.min(information, outputLength)),
    }
  }
  /** Direct I/O: the requestor's own memory, described by an MDL. */
  function direct({ irp, buffers }: Place, address: number, bytes: number): CopyBack | undefined {
    const mdl = buffers.mdl(address, bytes)
    if (mdl === 0 && bytes > 0) return undefined
    w32(irp + IRP.MdlAddress, mdl)
    return NOTHING_TO_COPY
  }

  function control(place: Place, transfer: Transfer): CopyBack | undefined {
    const { irp, stack } = place
    const { code, input, inputLength, output, outputLength } = transfer
    w32(stack + CONTROL.Code, code)
    w32(stack + CONTROL.InputLength, inputLength)
    w32(stack + CONTROL.OutputLength, outputLength)
    switch (methodOf(code)) {
      case METHOD.BUFFERED:
        return buffered(place, transfer)
      case METHOD.NEITHER:
        w32(stack + CONTROL.Type3InputBuffer, input)
        w32(irp + IRP.UserBuffer, output)
        return NOTHING_TO_COPY
      default:
        return buffered(place, { ...transfer, output: 0, outputLength: 0 }) && direct(place, output, outputLength)
    }
  }
  function move(place: Place, transfer: Transfer, device: number): CopyBack | undefined {
    const { irp, stack } = place
    const writes = transfer.major === MAJOR.WRITE
    const address = writes ? transfer.input : transfer.output
    const bytes = writes ? transfer.inputLength : transfer.outputLength
    const flags = r32(device + FLAGS)
    w32(stack + LENGTH, bytes)
    if (flags & BUFFERED_IO) return buffered(place, transfer)
    if (flags & DIRECT_IO) return direct(place, address, bytes)
    w32(irp + IRP.UserBuffer, address)
    return NOTHING_TO_COPY
  }

  return (place: Place, transfer: Transfer, device: number): CopyBack | undefined => {
    switch (transfer.major) {
      case MAJOR.READ:
      case MAJOR.WRITE:
        return move(place, transfer, device)
      case MAJOR.DEVICE_CONTROL:
      case MAJOR.INTERNAL_DEVICE_CONTROL:
        return control(place, transfer)
      default:
        return NOTHING_TO_COPY
    }
  }
}
export type LayOut = ReturnType<typeof createTransfers>
