import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Width } from '../nic/device'
import type { MemoryBus } from './memory-bus'

/** Registers in mapped device memory (DDI ndisreadregisteruchar and its kin, WDM READ_REGISTER_UCHAR). Counts are values. */
export function createIoRegisters(k: Kernel, memory: MemoryBus, ranges: MemoryBus) {
  const { preempt } = k
  const { put8, put16, put32 } = k.cells

  function load(register: number, width: Width): number {
    const value = memory.load(register, width)
    preempt()
    return value
  }
  function store(register: number, width: Width, value: number): void {
    memory.store(register, width, value)
    preempt()
  }
  /** Unlike those of ports, buffers of registers go from address to address. */
  function copy(to: number, from: number, count: number, width: Width): void {
    for (let i = 0; i < count >>> 0; i++) ranges.store(to + i * width, width, ranges.load(from + i * width, width))
    preempt()
  }
  return {
    NdisReadRegisterUchar: (Register: number, Data: OutParam): void => put8(Data, load(Register, 1)),
    NdisReadRegisterUshort: (Register: number, Data: OutParam): void => put16(Data, load(Register, 2)),
    NdisReadRegisterUlong: (Register: number, Data: OutParam): void => put32(Data, load(Register, 4)),
    NdisWriteRegisterUchar: (Register: number, Data: number): void => store(Register, 1, Data),
    NdisWriteRegisterUshort: (Register: number, Data: number): void => store(Register, 2, Data),
    NdisWriteRegisterUlong: (Register: number, Data: number): void => store(Register, 4, Data),

    READ_REGISTER_UCHAR: (Register: number): number => load(Register, 1),
    READ_REGISTER_USHORT: (Register: number): number => load(Register, 2),
    READ_REGISTER_ULONG: (Register: number): number => load(Register, 4),
    WRITE_REGISTER_UCHAR: (Register: number, Value: number): void => store(Register, 1, Value),
    WRITE_REGISTER_USHORT: (Register: number, Value: number): void => store(Register, 2, Value),
    WRITE_REGISTER_ULONG: (Register: number, Value: number): void => store(Register, 4, Value),
    READ_REGISTER_BUFFER_UCHAR: (Register: number, Buffer: number, Count: number): void =>
      copy(Buffer, Register, Count, 1),
    READ_REGISTER_BUFFER_USHORT: (Register: number, Buffer: number, Count: number): void =>
      copy(Buffer, Register, Count, 2),
    READ_REGISTER_BUFFER_ULONG: (Register: number, Buffer: number, Count: number): void =>
      copy(Buffer, Register, Count, 4),
    WRITE_REGISTER_BUFFER_UCHAR: (Register: number, Buffer: number, Count: number): void =>
      copy(Register, Buffer, Count, 1),
    WRITE_REGISTER_BUFFER_USHORT: (Register: number, Buffer: number, Count: number): void =>
      copy(Register, Buffer, Count, 2),
    WRITE_REGISTER_BUFFER_ULONG: (Register: number, Buffer: number, Count: number): void =>
      copy(Register, Buffer, Count, 4),
  }
}
