import type { DriverFunction } from '../kernel/text'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { CancelLock } from './cancel-lock'
import { constant } from './constants'
import type { Device, Devices } from './devices'
import type { DriverLife } from './driver'
import { INVOKE, IRP, methodOf, STACK } from './irp-layout'
import type { Irp, Irps } from './irps'

/** The one application of this machine. */
const APPLICATION_PROCESS = 0x4d2
const USER_MODE = constant('UserMode')

export interface IrpParts {
  readonly devices: Devices
  readonly irps: Irps
  readonly driver: DriverLife
  readonly cancelLock: CancelLock
}

/** I/O requests as drivers handle them (WDM IoCompleteRequest, IoMarkIrpPending, IoSetCancelRoutine, IoCallDriver ...). */
export function createIrpCalls(k: Kernel, { devices, irps, driver, cancelLock }: IrpParts) {
  const { space, preempt } = k
  const { r8, w8, w32 } = space

  const live = (fn: string, address: number): Irp =>
    irps.find(address) ??
    k.fault(address, true, `${fn} was given 0x${(address >>> 0).toString(16)}, where there is no IRP.`)
  const deviceAt = (fn: string, address: number): Device =>
    devices.find(address) ?? k.fault(address, false, `${fn} was given what is no device object.`)
  /** The stack location of the next lower driver. */
  function next(fn: string, irp: Irp): number {
    if (r8(irp.address + IRP.CurrentLocation) <= 1)
      k.bugcheck('NO_MORE_IRP_STACK_LOCATIONS', [irp.address], `${fn}: no driver below has a part of this IRP.`)
    return irps.stack(irp) - STACK.SIZE
  }

  return {
    CTL_CODE(DeviceType: number, Function: number, Method: number, Access: number): number {
      preempt()
      return ((DeviceType << 16) | (Access << 14) | (Function << 2) | Method) >>> 0
    },
    DEVICE_TYPE_FROM_CTL_CODE(CtrlCode: number): number {
      preempt()
      return CtrlCode >>> 16
    },
    METHOD_FROM_CTL_CODE(CtrlCode: number): number {
      preempt()
      return methodOf(CtrlCode)
    },
    IoGetCurrentIrpStackLocation(Irp: number): number {
      preempt()
      return irps.stack(live('IoGetCurrentIrpStackLocation', Irp))
    },
    IoGetNextIrpStackLocation(Irp: number): number {
      preempt()
      return next('IoGetNextIrpStackLocation', live('IoGetNextIrpStackLocation', Irp))
    },
    IoMarkIrpPending(Irp: number): void {
      irps.markPending(live('IoMarkIrpPending', Irp))
      preempt()
    },
    IoCompleteRequest(Irp: number, _PriorityBoost: number): void {
      const irp =
        irps.find(Irp) ??
        k.bugcheck(
          'MULTIPLE_IRP_COMPLETE_REQUESTS',
          [Irp],
          `IoCompleteRequest was given 0x${(Irp >>> 0).toString(16)}, where there is no IRP: it was completed before, or there never was one.`,
        )
      irps.complete(irp)
      preempt()
    },
    /** Atomic, so that driver and canceller cannot both find the routine. */
    IoSetCancelRoutine(Irp: number, CancelRoutine: unknown): DriverFunction | 0 {
      preempt()
      const irp = live('IoSetCancelRoutine', Irp)
      return k.text.functionAt(irps.exchangeCancelRoutine(irp, driver.address(CancelRoutine))) ?? 0
    },
    IoAcquireCancelSpinLock(Irql: OutParam): void {
      preempt()
      k.cells.put8(Irql, cancelLock.acquire('IoAcquireCancelSpinLock'))
    },
    IoReleaseCancelSpinLock(Irql: number): void {
      cancelLock.release(Irql)
      preempt()
    },
    IoCancelIrp(Irp: number): number {
      preempt()
      return irps.cancel(live('IoCancelIrp', Irp)) ? 1 : 0
    },
    IoAllocateIrp(StackSize: number, _ChargeQuota: number): number {
      preempt()
      return irps.create(StackSize, true)?.address ?? 0
    },
    IoFreeIrp(Irp: number): void {
      const irp = live('IoFreeIrp', Irp)
      if (!irp.ofDriver)
        k.bugcheck(
          'BAD_POOL_CALLER',
          [0x99, Irp],
          'IoFreeIrp was given an IRP that the I/O manager frees when it ends.',
        )
      irps.free(irp)
      preempt()
    },
    IoReuseIrp(Irp: number, Iostatus: number): void {
      const irp = live('IoReuseIrp', Irp)
      irps.reset(irp)
      w32(Irp + IRP.Status, Iostatus)
      preempt()
    },
    IoCallDriver(DeviceObject: number, Irp: number): number {
      preempt()
      const irp = live('IoCallDriver', Irp)
      return irps.call(deviceAt('IoCallDriver', DeviceObject), irp)
    },
    IoCopyCurrentIrpStackLocationToNext(Irp: number): void {
      const irp = live('IoCopyCurrentIrpStackLocationToNext', Irp)
      const below = next('IoCopyCurrentIrpStackLocationToNext', irp)
      // All but the completion routine, which is the last member with its context.
      space.move(below, irps.stack(irp), STACK.CompletionRoutine)
      w8(below + STACK.Control, 0)
      preempt()
    },
    IoSkipCurrentIrpStackLocation(Irp: number): void {
      irps.moveStack(live('IoSkipCurrentIrpStackLocation', Irp), 1)
      preempt()
    },
    IoSetNextIrpStackLocation(Irp: number): void {
      irps.moveStack(live('IoSetNextIrpStackLocation', Irp), -1)
      preempt()
    },
    IoSetCompletionRoutine(
      Irp: number,
      CompletionRoutine: unknown,
      Context: number,
      InvokeOnSuccess: number,
      InvokeOnError: number,
      InvokeOnCancel: number,
    ): void {
      const stack = next('IoSetCompletionRoutine', live('IoSetCompletionRoutine', Irp))
      const routine = driver.address(CompletionRoutine)
      w32(stack + STACK.CompletionRoutine, routine)
      w32(stack + STACK.Context, Context)
      const on = (wanted: number, bit: number): number => (wanted && routine !== 0 ? bit : 0)
      w8(
        stack + STACK.Control,
        on(InvokeOnSuccess, INVOKE.SUCCESS) | on(InvokeOnError, INVOKE.ERROR) | on(InvokeOnCancel, INVOKE.CANCEL),
      )
      preempt()
    },
    /** 0 for a request of the kernel, which has no process. */
    IoGetRequestorProcessId(Irp: number): number {
      preempt()
      return r8(live('IoGetRequestorProcessId', Irp).address + IRP.RequestorMode) === USER_MODE
        ? APPLICATION_PROCESS
        : 0
    },
    /** This machine has 32 bits, and so has everything that runs on it. */
    IoIs32bitProcess(_Irp: number): number {
      preempt()
      return 1
    },
  }
}
