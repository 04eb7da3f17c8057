import type { Kernel } from '../kernel/kernel'
import { constant } from './constants'
import type { Devices } from './devices'
import { SIGNAL_STATE } from './event'
import { createIoBuffers } from './io-buffers'
import { createTransfers } from './io-transfer'
import { IRP, MAJOR, STACK } from './irp-layout'
import type { Irps } from './irps'
import type { Mdls } from './mdl'

const IO_STATUS = { Status: 0, Information: 4 } as const
const KERNEL_MODE = constant('KernelMode')
const isError = (status: number): boolean => status >>> 30 === 3

/** Requests that a driver makes of another one and waits for (WDM IoBuildDeviceIoControlRequest). */
export function createIoControlRequests(k: Kernel, devices: Devices, irps: Irps, mdls: Mdls) {
  const { space, preempt } = k
  const { r32, w8, w32 } = space
  const layOut = createTransfers(k)
  return {
    IoBuildDeviceIoControlRequest(
      IoControlCode: number,
      DeviceObject: number,
      InputBuffer: number,
      InputBufferLength: number,
      OutputBuffer: number,
      OutputBufferLength: number,
      InternalDeviceIoControl: number,
      Event: number,
      IoStatusBlock: number,
    ): number {
      preempt()
      const device = devices.find(DeviceObject)
      const buffers = createIoBuffers(k, mdls)
      const irp =
        device &&
        irps.create(1, false, ({ address }) => {
          const status = r32(address + IRP.Status) | 0
          const information = r32(address + IRP.Information)
          if (!isError(status)) copyBack?.copy(information)
          w32(IoStatusBlock + IO_STATUS.Status, status)
          w32(IoStatusBlock + IO_STATUS.Information, information)
          if (Event !== 0) w32(Event + SIGNAL_STATE, 1)
          buffers.release()
        })
      if (!irp) return 0
      const major = InternalDeviceIoControl ? MAJOR.INTERNAL_DEVICE_CONTROL : MAJOR.DEVICE_CONTROL
      const stack = irps.stack(irp) - STACK.SIZE
      const copyBack = layOut(
        { irp: irp.address, stack, buffers },
        {
          major,
          code: IoControlCode,
          input: InputBuffer,
          inputLength: InputBufferLength >>> 0,
          output: OutputBuffer,
          outputLength: OutputBufferLength >>> 0,
        },
        DeviceObject,
      )
      if (!copyBack) {
        buffers.release()
        irps.free(irp)
        return 0
      }
      w8(stack + STACK.MajorFunction, major)
      w8(irp.address + IRP.RequestorMode, KERNEL_MODE)
      w32(irp.address + IRP.UserIosb, IoStatusBlock)
      w32(irp.address + IRP.UserEvent, Event)
      return irp.address
    },
  }
}
