import { layout } from '../memory/layout'
import { constant } from './constants'

const PATHS = layout(
  'IRP', 'Type', 'Size', 'MdlAddress', 'Flags', 'AssociatedIrp.SystemBuffer', 'ThreadListEntry', 'IoStatus.Status',
  'IoStatus.Information', 'RequestorMode', 'PendingReturned', 'StackCount', 'CurrentLocation', 'Cancel', 'CancelIrql',
  'UserIosb', 'UserEvent', 'CancelRoutine', 'UserBuffer', 'Tail.Overlay.DriverContext',
  'Tail.Overlay.CurrentStackLocation', 'Tail.Overlay.OriginalFileObject',
) // prettier-ignore

/** Byte offsets of the members of an IRP. */
export const IRP = {
  ...PATHS,
  SystemBuffer: PATHS['AssociatedIrp.SystemBuffer'],
  Status: PATHS['IoStatus.Status'],
  Information: PATHS['IoStatus.Information'],
  DriverContext: PATHS['Tail.Overlay.DriverContext'],
  StackLocation: PATHS['Tail.Overlay.CurrentStackLocation'],
  FileObject: PATHS['Tail.Overlay.OriginalFileObject'],
} as const

/** Byte offsets of the members of a stack location. */
export const STACK = layout(
  'IO_STACK_LOCATION', 'MajorFunction', 'Control', 'Parameters', 'DeviceObject', 'FileObject', 'CompletionRoutine',
  'Context',
) // prettier-ignore

const CONTROL_CODE = layout(
  'IO_STACK_LOCATION',
  'Parameters.DeviceIoControl.OutputBufferLength',
  'Parameters.DeviceIoControl.InputBufferLength',
  'Parameters.DeviceIoControl.IoControlCode',
  'Parameters.DeviceIoControl.Type3InputBuffer',
)
export const CONTROL = {
  OutputLength: CONTROL_CODE['Parameters.DeviceIoControl.OutputBufferLength'],
  InputLength: CONTROL_CODE['Parameters.DeviceIoControl.InputBufferLength'],
  Code: CONTROL_CODE['Parameters.DeviceIoControl.IoControlCode'],
  Type3InputBuffer: CONTROL_CODE['Parameters.DeviceIoControl.Type3InputBuffer'],
} as const

export const PENDING_RETURNED = constant('SL_PENDING_RETURNED')
export const INVOKE = {
  CANCEL: constant('SL_INVOKE_ON_CANCEL'),
  SUCCESS: constant('SL_INVOKE_ON_SUCCESS'),
  ERROR: constant('SL_INVOKE_ON_ERROR'),
} as const

/** IRP_MJ_* codes that this product sends. */
export const MAJOR = {
  CREATE: constant('IRP_MJ_CREATE'),
  CLOSE: constant('IRP_MJ_CLOSE'),
  READ: constant('IRP_MJ_READ'),
  WRITE: constant('IRP_MJ_WRITE'),
  DEVICE_CONTROL: constant('IRP_MJ_DEVICE_CONTROL'),
  INTERNAL_DEVICE_CONTROL: constant('IRP_MJ_INTERNAL_DEVICE_CONTROL'),
  CLEANUP: constant('IRP_MJ_CLEANUP'),
} as const
export const MAJOR_FUNCTIONS = constant('IRP_MJ_MAXIMUM_FUNCTION') + 1

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(MAJOR).map(([name, code]) => [code, `IRP_MJ_${name}`]),
)
/** 'IRP_MJ_READ', or the number of a code that nobody sends here. */
export const majorName = (code: number): string => NAMES.get(code) ?? `IRP_MJ 0x${code.toString(16)}`

/** METHOD_* of a control code. */
export const METHOD = {
  BUFFERED: constant('METHOD_BUFFERED'),
  IN_DIRECT: constant('METHOD_IN_DIRECT'),
  OUT_DIRECT: constant('METHOD_OUT_DIRECT'),
  NEITHER: constant('METHOD_NEITHER'),
} as const
export const methodOf = (code: number): number => code & 3
