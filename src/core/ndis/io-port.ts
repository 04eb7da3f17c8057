import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Width } from '../nic/device'
import type { IoClaims } from './io-claims'
import { unsigned, type MemoryBus } from './memory-bus'

/**
 * I/O ports (DDI ndisrawreadportuchar and its kin, PV ndisimmediatereadportuchar, WDM READ_PORT_UCHAR). A port without a
 * device reads all ones and takes what is written. Lengths count values, not bytes.
 */
export function createIoPorts(k: Kernel, claims: IoClaims, ranges: MemoryBus) {
  const { preempt } = k
  const { put8, put16, put32 } = k.cells

  function input(port: number, width: Width): number {
    const value = claims.read('io', port >>> 0, width)
    preempt()
    return value
  }
  function output(port: number, width: Width, value: number): void {
    claims.write('io', port >>> 0, width, unsigned(value, width))
    preempt()
  }
  /** All values come from the one port, one after the other. */
  function inputs(port: number, buffer: number, count: number, width: Width): void {
    for (let i = 0; i < count >>> 0; i++) ranges.store(buffer + i * width, width, claims.read('io', port >>> 0, width))
    preempt()
  }
  function outputs(port: number, buffer: number, count: number, width: Width): void {
    for (let i = 0; i < count >>> 0; i++) claims.write('io', port >>> 0, width, ranges.load(buffer + i * width, width))
    preempt()
  }
  type Port = number
  type Context = number
  return {
    NdisRawReadPortUchar: (Port: Port, Data: OutParam): void => put8(Data, input(Port, 1)),
    NdisRawReadPortUshort: (Port: Port, Data: OutParam): void => put16(Data, input(Port, 2)),
    NdisRawReadPortUlong: (Port: Port, Data: OutParam): void => put32(Data, input(Port, 4)),
    NdisRawWritePortUchar: (Port: Port, Data: number): void => output(Port, 1, Data),
    NdisRawWritePortUshort: (Port: Port, Data: number): void => output(Port, 2, Data),
    NdisRawWritePortUlong: (Port: Port, Data: number): void => output(Port, 4, Data),
    NdisRawReadPortBufferUchar: (Port: Port, Buffer: number, Length: number): void => inputs(Port, Buffer, Length, 1),
    NdisRawReadPortBufferUshort: (Port: Port, Buffer: number, Length: number): void => inputs(Port, Buffer, Length, 2),
    NdisRawReadPortBufferUlong: (Port: Port, Buffer: number, Length: number): void => inputs(Port, Buffer, Length, 4),
    NdisRawWritePortBufferUchar: (Port: Port, Buffer: number, Length: number): void => outputs(Port, Buffer, Length, 1),
    NdisRawWritePortBufferUshort: (Port: Port, Buffer: number, Length: number): void =>
      outputs(Port, Buffer, Length, 2),
    NdisRawWritePortBufferUlong: (Port: Port, Buffer: number, Length: number): void => outputs(Port, Buffer, Length, 4),

    NdisImmediateReadPortUchar: (_context: Context, Port: Port, Data: OutParam): void => put8(Data, input(Port, 1)),
    NdisImmediateReadPortUshort: (_context: Context, Port: Port, Data: OutParam): void => put16(Data, input(Port, 2)),
    NdisImmediateReadPortUlong: (_context: Context, Port: Port, Data: OutParam): void => put32(Data, input(Port, 4)),
    NdisImmediateWritePortUchar: (_context: Context, Port: Port, Data: number): void => output(Port, 1, Data),
    NdisImmediateWritePortUshort: (_context: Context, Port: Port, Data: number): void => output(Port, 2, Data),
    NdisImmediateWritePortUlong: (_context: Context, Port: Port, Data: number): void => output(Port, 4, Data),
    /** Device memory by its bus address, byte by byte, before it is mapped. */
    NdisImmediateReadSharedMemory(_context: Context, Address: number, Buffer: number, Length: number): void {
      for (let i = 0; i < Length >>> 0; i++) ranges.store(Buffer + i, 1, claims.read('memory', (Address >>> 0) + i, 1))
      preempt()
    },
    NdisImmediateWriteSharedMemory(_context: Context, Address: number, Buffer: number, Length: number): void {
      for (let i = 0; i < Length >>> 0; i++) claims.write('memory', (Address >>> 0) + i, 1, ranges.load(Buffer + i, 1))
      preempt()
    },

    READ_PORT_UCHAR: (Port: Port): number => input(Port, 1),
    READ_PORT_USHORT: (Port: Port): number => input(Port, 2),
    READ_PORT_ULONG: (Port: Port): number => input(Port, 4),
    WRITE_PORT_UCHAR: (Port: Port, Value: number): void => output(Port, 1, Value),
    WRITE_PORT_USHORT: (Port: Port, Value: number): void => output(Port, 2, Value),
    WRITE_PORT_ULONG: (Port: Port, Value: number): void => output(Port, 4, Value),
    READ_PORT_BUFFER_UCHAR: (Port: Port, Buffer: number, Count: number): void => inputs(Port, Buffer, Count, 1),
    READ_PORT_BUFFER_USHORT: (Port: Port, Buffer: number, Count: number): void => inputs(Port, Buffer, Count, 2),
    READ_PORT_BUFFER_ULONG: (Port: Port, Buffer: number, Count: number): void => inputs(Port, Buffer, Count, 4),
    WRITE_PORT_BUFFER_UCHAR: (Port: Port, Buffer: number, Count: number): void => outputs(Port, Buffer, Count, 1),
    WRITE_PORT_BUFFER_USHORT: (Port: Port, Buffer: number, Count: number): void => outputs(Port, Buffer, Count, 2),
    WRITE_PORT_BUFFER_ULONG: (Port: Port, Buffer: number, Count: number): void => outputs(Port, Buffer, Count, 4),
  }
}
