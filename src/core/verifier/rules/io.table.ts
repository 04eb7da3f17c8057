/** Requests of applications, devices, handles. */
import type { Rule } from './types'

export const IO_RULES: readonly Rule[] = [
  {
    name: 'CsqEndlessQueue',
    meaning: 'The peek function of a cancel-safe queue never comes to an end.',
    why: 'Removing a request loops for ever under the lock of the queue.',
    mend: 'Give the entry behind Irp, and NULL after the last.',
  },
  {
    name: 'DoubleCompletion',
    level: 'break',
    meaning: 'An IRP was completed that is completed already.',
    why: 'Its memory may be another request by now: Windows stops.',
    mend: 'Complete a request once; decide between cancel routine and completion with IoSetCancelRoutine.',
  },
  {
    name: 'IoAllocateFree',
    meaning:
      'An IRP of IoAllocateIrp came back and nobody took it, or an IRP of the I/O manager was freed by a driver.',
    why: 'An IRP is freed by who made it: otherwise it leaks, or is gone while others complete it.',
    mend: 'Free an IRP of your own in its completion routine, and return STATUS_MORE_PROCESSING_REQUIRED; complete all others.',
  },
  {
    name: 'IrpCancelRoutineSet',
    meaning: 'An IRP was completed while its cancel routine is set.',
    why: 'The routine may run for a request that is gone.',
    mend: 'Call IoSetCancelRoutine(Irp, NULL) first; when it gives NULL, leave the completion to the cancel routine.',
  },
  {
    name: 'IrpCompletedPending',
    meaning: 'An IRP was completed with a status that is not final.',
    why: 'The application waits for ever.',
    mend: 'Set IoStatus.Status to the result.',
  },
  {
    name: 'IrpInformationTooLarge',
    meaning: 'A request was completed with more bytes than there is room for.',
    why: 'Windows copies memory of the kernel behind the buffer to the application.',
    mend: 'Set IoStatus.Information to what was written, at most the length of the buffer.',
  },
  {
    name: 'IrpLeftAfterCleanup',
    meaning: 'Requests of a file are still under way after its cleanup.',
    why: 'The handle cannot be closed, and the process does not end.',
    mend: 'Cancel the requests of the file in the cleanup function.',
  },
  {
    name: 'IrpNeverCompleted',
    meaning: 'A request was never completed.',
    why: 'The application hangs and cannot be ended.',
    mend: 'Complete it on every way, and give requests that wait a cancel routine.',
  },
  {
    name: 'IrpProcessingComplete',
    meaning: 'A dispatch function returned and did nothing with its IRP.',
    why: 'Nobody will ever complete it.',
    mend: 'Complete it, pass it on, or mark it pending and keep it.',
  },
  {
    name: 'IrpStatusMismatch',
    meaning: 'A dispatch function completed an IRP with one status and returned another.',
    why: 'The caller and the application see different results.',
    mend: 'Return the status that was put into the IRP.',
  },
  {
    name: 'MarkIrpPending',
    meaning: 'A dispatch function returned STATUS_PENDING and did not mark the IRP.',
    why: 'The I/O manager never learns that the request ended.',
    mend: 'Call IoMarkIrpPending first.',
  },
  {
    name: 'MarkIrpPending2',
    meaning: 'A dispatch function marked an IRP pending and returned something else.',
    why: 'The request is ended twice.',
    mend: 'Return STATUS_PENDING.',
  },
  {
    name: 'PendedCompletedRequest',
    meaning: 'A dispatch function completed an IRP at once and returned STATUS_PENDING.',
    why: 'The caller waits for what has happened already.',
    mend: 'Return the status of the completion.',
  },
  {
    name: 'DeviceDeregisteredWhileOpen',
    meaning: 'A device was removed while files of it are open.',
    why: 'Their next request goes to a device that is gone.',
    mend: 'Wait until the last file is closed.',
  },
  {
    name: 'DeviceStillInitializing',
    meaning: 'A device was made after DriverEntry and its flag for initialization was left set.',
    why: 'Nobody can open it.',
    mend: 'Clear DO_DEVICE_INITIALIZING when the device is ready.',
  },
  {
    name: 'RegisteredDeviceDeleted',
    meaning: 'A device object of NDIS was deleted by the driver.',
    why: 'NDIS deletes it once more.',
    mend: 'Call NdisDeregisterDeviceEx.',
  },
  {
    name: 'ObjectReferenceLeft',
    meaning: 'A file object is still referenced when the driver is unloaded.',
    why: 'It is never closed, and calls into code that is gone.',
    mend: 'Dereference each object that was referenced.',
  },
  {
    name: 'ObjectReferenceUnderflow',
    meaning: 'A reference was given up that nobody has.',
    why: 'The object is deleted while others use it.',
    mend: 'Dereference as often as was referenced.',
  },
  {
    name: 'FileNotMapped',
    meaning: 'A file was unmapped that is not mapped.',
    why: 'NDIS unmaps what belongs to somebody else.',
    mend: 'Pair NdisMapFile and NdisUnmapFile.',
  },
  {
    name: 'ConfigurationClosed',
    meaning: 'A configuration was used after it was closed.',
    why: 'Its parameters are freed: the driver reads garbage.',
    mend: 'Copy what is needed, and close last.',
  },
  {
    name: 'NdisOpenConfigurationEx',
    meaning: 'A configuration that was opened for an adapter is still open when the adapter is gone.',
    why: 'All that was read through it leaks each time the adapter starts.',
    mend: 'Call NdisCloseConfiguration as soon as the parameters are read, on every way out.',
  },
  {
    name: 'InvalidConfigurationHandle',
    meaning: 'A call was given something that is no configuration handle.',
    why: 'NDIS follows garbage.',
    mend: 'Check the status of the open before the handle is used.',
  },
  {
    name: 'InvalidHandle',
    meaning:
      'A call was given a handle, or the address of an object, that no call gave for this purpose, or that was closed or freed before.',
    why: 'The system takes whatever lies at that address for the object: it changes memory of somebody else, or stops with a bug check.',
    mend: 'Hand over the handle as the matching open, allocate or register call gave it, look at the status of that call first, and set the variable to NULL when the handle is closed.',
  },
]
