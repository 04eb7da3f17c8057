import { conform } from './conformance'

/** A device of the driver itself with a dispatch function for DEVICE_CONTROL. */
const device = (dispatch: string, body: string): string => `let Device = 0
function Dispatch(DeviceObject, Irp) { ${dispatch} }
export function DriverEntry(DriverObject) {
  const driver = DRIVER_OBJECT.at(DriverObject), Created = out()
  driver.MajorFunction[IRP_MJ_DEVICE_CONTROL] = Dispatch
  driver.DriverUnload = () => IoDeleteDevice(Device)
  say(nameOf(IoCreateDevice(DriverObject, 16, 0, FILE_DEVICE_NETWORK, 0, 0, Created)))
  Device = Created.value
${body}
  return 0
}`
const CALL = `const Event = storage(KEVENT), Status = storage(IO_STATUS_BLOCK), Data = storage(ULONG)
KeInitializeEvent(Event, NotificationEvent, 0)
const Irp = IoBuildDeviceIoControlRequest(0x122000, Device, Data, 4, Data, 4, 0, Event, Status)
say(nameOf(IoCallDriver(Device, Irp)), IO_STATUS_BLOCK.at(Status).Information, ULONG.at(Data).value)`

conform([
  {
    page: 'WDM IoCreateDevice, IoCallDriver, IoCompleteRequest',
    cases: [
      {
        says: 'a request goes to the dispatch function of its device, and comes back complete',
        script: device(
          `const irp = IRP.at(Irp)
ULONG.at(irp.AssociatedIrp.SystemBuffer).value = 42
irp.IoStatus.Status = STATUS_SUCCESS
irp.IoStatus.Information = 4
IoCompleteRequest(Irp, IO_NO_INCREMENT)
return STATUS_SUCCESS`,
          CALL,
        ),
        output: ['SUCCESS', 'SUCCESS 4 42'],
      },
      {
        says: 'a request is completed once',
        script: device(
          `IRP.at(Irp).IoStatus.Status = STATUS_SUCCESS
IoCompleteRequest(Irp, IO_NO_INCREMENT)
IoCompleteRequest(Irp, IO_NO_INCREMENT)
return STATUS_SUCCESS`,
          CALL,
        ),
        output: ['SUCCESS', 'SUCCESS 0 0'],
        violations: ['DoubleCompletion'],
      },
      {
        says: 'a device that is not deleted is a leak',
        script: device('return 0', 'driver.DriverUnload = () => undefined'),
        output: ['SUCCESS'],
        violations: ['DV:LeakAtUnload'],
        leaks: ['device object x1'],
      },
    ],
  },
  {
    page: 'WDM IoCompleteRequest without the rules',
    cases: [
      {
        says: 'the machine stops when a request is completed twice',
        config: { rules: false },
        script: device(
          `IRP.at(Irp).IoStatus.Status = STATUS_SUCCESS
IoCompleteRequest(Irp, IO_NO_INCREMENT)
IoCompleteRequest(Irp, IO_NO_INCREMENT)
return STATUS_SUCCESS`,
          CALL,
        ),
        output: ['SUCCESS'],
        bugcheck: 'MULTIPLE_IRP_COMPLETE_REQUESTS',
      },
    ],
  },
  {
    page: 'WDM IoAllocateIrp, IoFreeIrp',
    cases: [
      {
        says: 'an IRP of the driver is its own to free',
        script: `const Irp = IoAllocateIrp(1, 0)
say(IRP.at(Irp).StackCount)
IoFreeIrp(Irp)`,
        output: ['1'],
      },
      {
        says: 'and no one else frees it',
        script: `IoAllocateIrp(1, 0)`,
        violations: ['DV:LeakAtUnload'],
        leaks: ['IRP x1'],
      },
    ],
  },
])
