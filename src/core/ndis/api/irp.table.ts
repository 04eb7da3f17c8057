/** I/O requests and device objects: what the kernel has beside the calls of system.table.ts. */
import { callback, fn, macro } from './entry'
import type { ApiEntry } from './types'

const WDM = { header: 'wdm.h' } as const
const CSQ = { header: 'csq.h' } as const

export const irpTable: readonly ApiEntry[] = [
  macro('ULONG CTL_CODE(ULONG DeviceType, ULONG Function, ULONG Method, ULONG Access)', 'other', 'any', '3.0', 'Puts an I/O control code together.', 'WDM', { header: 'devioctl.h' }),
  macro('ULONG DEVICE_TYPE_FROM_CTL_CODE(ULONG CtrlCode)', 'other', 'any', '3.0', 'Gives the device type of an I/O control code.', 'WDM', { header: 'devioctl.h' }),
  macro('ULONG METHOD_FROM_CTL_CODE(ULONG CtrlCode)', 'other', 'any', '3.0', 'Gives the METHOD_* of an I/O control code.', 'WDM', { header: 'devioctl.h' }),
  fn('NTSTATUS IoGetDeviceObjectPointer(PUNICODE_STRING ObjectName, ULONG DesiredAccess, out PFILE_OBJECT *FileObject, out PDEVICE_OBJECT *DeviceObject)', 'other', 'PASSIVE_LEVEL', '3.0', 'Opens a device by its name and gives the objects that stand for it.', 'WDM', { ...WDM, reenters: true }),
  macro('VOID ObReferenceObject(PVOID Object)', 'other', '<=DISPATCH_LEVEL', '3.0', 'Keeps an object alive.', 'WDM', WDM),
  fn('PIRP IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota)', 'allocate', '<=DISPATCH_LEVEL', '3.0', 'Makes an I/O request; NULL when memory is short.', 'WDM', WDM),
  fn('PIRP IoBuildDeviceIoControlRequest(ULONG IoControlCode, PDEVICE_OBJECT DeviceObject, PVOID InputBuffer?, ULONG InputBufferLength, PVOID OutputBuffer?, ULONG OutputBufferLength, BOOLEAN InternalDeviceIoControl, PKEVENT Event, PIO_STATUS_BLOCK IoStatusBlock)', 'allocate', 'PASSIVE_LEVEL', '3.0', 'Makes a device control request that signals an event when it ends.', 'WDM', WDM),
  fn('VOID IoFreeIrp(PIRP Irp)', 'free', '<=DISPATCH_LEVEL', '3.0', 'Frees an I/O request of IoAllocateIrp.', 'WDM', WDM),
  fn('VOID IoReuseIrp(PIRP Irp, NTSTATUS Iostatus)', 'modify', '<=DISPATCH_LEVEL', '3.0', 'Makes an I/O request of IoAllocateIrp like new.', 'WDM', WDM),
  macro('NTSTATUS IoCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp)', 'other', '<=DISPATCH_LEVEL', '3.0', 'Hands an I/O request to the driver of a device.', 'WDM', { ...WDM, reenters: true }),
  fn('BOOLEAN IoCancelIrp(PIRP Irp)', 'other', '<=DISPATCH_LEVEL', '3.0', 'Cancels an I/O request: calls its cancel routine if it has one.', 'WDM', { ...WDM, reenters: true }),
  macro('PIO_STACK_LOCATION IoGetNextIrpStackLocation(PIRP Irp)', 'query', 'any', '3.0', "Gives the next lower driver's part of an I/O request.", 'WDM', WDM),
  macro('VOID IoCopyCurrentIrpStackLocationToNext(PIRP Irp)', 'modify', 'any', '3.0', "Fills the next lower driver's part of an I/O request with this driver's.", 'WDM', WDM),
  macro('VOID IoSkipCurrentIrpStackLocation(PIRP Irp)', 'modify', 'any', '3.0', "Lets the next lower driver have this driver's part of an I/O request.", 'WDM', WDM),
  macro('VOID IoSetNextIrpStackLocation(PIRP Irp)', 'modify', 'any', '3.0', 'Gives the sender of a new I/O request a part of its own.', 'WDM', WDM),
  macro('VOID IoSetCompletionRoutine(PIRP Irp, PIO_COMPLETION_ROUTINE CompletionRoutine?, PVOID Context?, BOOLEAN InvokeOnSuccess, BOOLEAN InvokeOnError, BOOLEAN InvokeOnCancel)', 'modify', '<=DISPATCH_LEVEL', '3.0', 'Sets what runs when the drivers below have ended an I/O request.', 'WDM', WDM),
  fn('NTSTATUS IoCsqInitializeEx(PIO_CSQ Csq, PIO_CSQ_INSERT_IRP_EX CsqInsertIrp, PIO_CSQ_REMOVE_IRP CsqRemoveIrp, PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp, PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock, PIO_CSQ_RELEASE_LOCK CsqReleaseLock, PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp)', 'other', 'any', '3.0', 'Initializes a cancel-safe queue whose insert routine may refuse.', 'WDM', CSQ),
  fn('NTSTATUS IoCsqInsertIrpEx(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context?, PVOID InsertContext?)', 'other', '<=DISPATCH_LEVEL', '3.0', 'Puts an I/O request into a cancel-safe queue unless the driver refuses it.', 'WDM', { ...CSQ, reenters: true }),
  fn('PIRP IoCsqRemoveIrp(PIO_CSQ Csq, PIO_CSQ_IRP_CONTEXT Context)', 'other', '<=DISPATCH_LEVEL', '3.0', 'Takes a certain I/O request off a cancel-safe queue; NULL when it is gone.', 'WDM', { ...CSQ, reenters: true }),
  callback('NTSTATUS IO_COMPLETION_ROUTINE(PDEVICE_OBJECT DeviceObject?, PIRP Irp, PVOID Context?)', 'other', '<=DISPATCH_LEVEL', '3.0', 'Runs when the drivers below have ended an I/O request.', 'WDM', WDM),
  callback('VOID IO_CSQ_INSERT_IRP(PIO_CSQ Csq, PIRP Irp)', 'other', '<=DISPATCH_LEVEL', '3.0', "Puts an I/O request into the driver's queue.", 'WDM', CSQ),
  callback('NTSTATUS IO_CSQ_INSERT_IRP_EX(PIO_CSQ Csq, PIRP Irp, PVOID InsertContext)', 'other', '<=DISPATCH_LEVEL', '3.0', "Puts an I/O request into the driver's queue, or refuses.", 'WDM', CSQ),
  callback('VOID IO_CSQ_REMOVE_IRP(PIO_CSQ Csq, PIRP Irp)', 'other', '<=DISPATCH_LEVEL', '3.0', "Takes an I/O request off the driver's queue.", 'WDM', CSQ),
  callback('PIRP IO_CSQ_PEEK_NEXT_IRP(PIO_CSQ Csq, PIRP Irp?, PVOID PeekContext?)', 'other', '<=DISPATCH_LEVEL', '3.0', "Finds the I/O request that follows another in the driver's queue.", 'WDM', CSQ),
  callback('VOID IO_CSQ_ACQUIRE_LOCK(PIO_CSQ Csq, out PKIRQL Irql)', 'lock', '<=DISPATCH_LEVEL', '3.0', "Takes the lock of the driver's queue.", 'WDM', CSQ),
  callback('VOID IO_CSQ_RELEASE_LOCK(PIO_CSQ Csq, KIRQL Irql)', 'unlock', '<=DISPATCH_LEVEL', '3.0', "Releases the lock of the driver's queue.", 'WDM', CSQ),
  callback('VOID IO_CSQ_COMPLETE_CANCELED_IRP(PIO_CSQ Csq, PIRP Irp)', 'other', '<=DISPATCH_LEVEL', '3.0', 'Ends an I/O request that was cancelled.', 'WDM', CSQ),
]
