// A driver with a device that applications open as Net; what is not said is completed with success.
import {
  DRIVER_OBJECT,
  FILE_DEVICE_NETWORK,
  IO_NO_INCREMENT,
  IoCompleteRequest,
  IoCreateDevice,
  IoDeleteDevice,
  IRP,
  IRP_MJ_MAXIMUM_FUNCTION,
  out,
  RTL_CONSTANT_STRING,
  STATUS_SUCCESS,
  type DRIVER_DISPATCH,
  type NTSTATUS,
  type PDEVICE_OBJECT,
  type PDRIVER_OBJECT,
  type PIRP,
} from 'ndis'

const Name = RTL_CONSTANT_STRING('\\Device\\Net')
const Device = out<PDEVICE_OBJECT>()
export const netDevice = () => Device.value

export function complete(Irp: PIRP, Status: NTSTATUS, Information = 0): NTSTATUS {
  const irp = IRP.at(Irp)
  irp.IoStatus.Status = Status
  irp.IoStatus.Information = Information
  IoCompleteRequest(Irp, IO_NO_INCREMENT)
  return Status
}

/** `dispatch` by IRP_MJ_ number. */
export function wdm(
  DriverObject: PDRIVER_OBJECT,
  dispatch: Readonly<Record<number, DRIVER_DISPATCH>>,
  unload?: () => void,
): NTSTATUS {
  const driver = DRIVER_OBJECT.at(DriverObject)
  for (let major = 0; major <= IRP_MJ_MAXIMUM_FUNCTION; major++)
    driver.MajorFunction[major] = dispatch[major] ?? ((_Device, Irp) => complete(Irp, STATUS_SUCCESS))
  driver.DriverUnload = () => {
    unload?.()
    IoDeleteDevice(Device.value)
  }
  return IoCreateDevice(DriverObject, 0, Name, FILE_DEVICE_NETWORK, 0, false, Device)
}
