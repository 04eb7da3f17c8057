import { PASSIVE_LEVEL } from '../kernel/irql'
import { counted } from '../verifier/counted'
import type { Kernel } from '../kernel/kernel'
import { constant } from './constants'
import { DEVICE_OBJECT, type Devices } from './devices'
import type { DriverLife } from './driver'
import type { FileAccess, Files, OpenFile } from './files'
import { asApplication, createIoRequests, PATIENCE_TICKS, type IoRequest, type IoResult, type Sent } from './io-request'
import { MAJOR, majorName } from './irp-layout'
import type { Irps } from './irps'
import type { Mdls } from './mdl'
import { applicationName } from './object-names'

export type { FileAccess, OpenFile } from './files'
export type { IoRequest, IoResult } from './io-request'

const SUCCESS = 0
const PENDING = constant('STATUS_PENDING')
const SHORT = constant('STATUS_INSUFFICIENT_RESOURCES')
const NO_SUCH_DEVICE = constant('STATUS_NO_SUCH_DEVICE')
const NAME_NOT_FOUND = constant('STATUS_OBJECT_NAME_NOT_FOUND')
const ACCESS_DENIED = constant('STATUS_ACCESS_DENIED')
const INVALID_HANDLE = constant('STATUS_INVALID_HANDLE')
const READ_ACCESS = constant('FILE_READ_ACCESS')
const WRITE_ACCESS = constant('FILE_WRITE_ACCESS')
/** Two bits of a control code say which access the handle must have. */
const ACCESS_SHIFT = 14
const BOTH: FileAccess = { read: true, write: true }

export interface Opened {
  /** NTSTATUS. */
  readonly status: number
  /** undefined when it failed. */
  readonly file: OpenFile | undefined
}

/**
 * An application: it opens devices and makes requests, at PASSIVE_LEVEL. The plain calls wait until the request has ended;
 * those with `begin` give one that may be waited for or cancelled, as overlapped I/O does. A request that does not end
 * within ten seconds of virtual time is cancelled; one that does not end then either is reported as IrpNeverCompleted.
 * Everything throws MachineStopped after a bugcheck.
 */
export interface IoManager {
  /** `name`: '\\\\.\\Name' as in C, plain 'Name', or a name of the object manager. */
  open(name: string, access?: FileAccess): Opened
  /** `output`: bytes of room, or the contents of the buffer where drivers read it (METHOD_IN_DIRECT). */
  deviceIoControl(file: OpenFile, code: number, input?: Uint8Array, output?: number | Uint8Array): IoResult
  read(file: OpenFile, bytes: number): IoResult
  write(file: OpenFile, data: Uint8Array): IoResult
  beginDeviceIoControl(file: OpenFile, code: number, input?: Uint8Array, output?: number | Uint8Array): IoRequest
  beginRead(file: OpenFile, bytes: number): IoRequest
  beginWrite(file: OpenFile, data: Uint8Array): IoRequest
  /** Waits, at most so many ticks of 100 ns; then the request is cancelled. */
  wait(request: IoRequest, ticks?: number): IoResult
  /** Whether a cancel routine ran. */
  cancel(request: IoRequest): boolean
  /** Closes the handle: IRP_MJ_CLEANUP now, IRP_MJ_CLOSE when the last request of the file has ended. NTSTATUS. */
  close(file: OpenFile): number
  /** As at the end of a process: cancels what is under way and closes every handle. */
  closeAll(): void
}

/** For drivers that hold files of their own. */
export interface FileReferences {
  reference(file: OpenFile): void
  /** The last one sends IRP_MJ_CLOSE. */
  release(file: OpenFile): void
}

export interface IoParts {
  readonly devices: Devices
  readonly files: Files
  readonly irps: Irps
  readonly driver: DriverLife
  readonly mdls: Mdls
}

export function createIoManager(k: Kernel, parts: IoParts): IoManager & FileReferences {
  const { devices, files, irps, driver } = parts
  const { scheduler, cpus, verifier } = k
  let used = false

  /** Requests end at any IRQL and in any thread; the file is closed in one of the application. */
  const requests = createIoRequests(k, irps, driver, parts.mdls, (file) => {
    if (--file.references === 0) closeLater(file)
  })
  const closeLater = (file: OpenFile): void => scheduler.queuePassive('application', () => sendClose(file))
  const send = (file: OpenFile, sent: Sent): IoRequest => requests.wait(requests.begin(file, sent), PATIENCE_TICKS)

  function sendClose(file: OpenFile): void {
    if (file.closed) return
    file.closed = true
    // The request itself counts as none: nobody is left who could be waiting for it.
    file.references = 1
    send(file, { major: MAJOR.CLOSE })
    files.destroy(file)
  }
  function release(file: OpenFile): void {
    if (--file.references > 0) return
    if (cpus.irql() > PASSIVE_LEVEL) closeLater(file)
    else sendClose(file)
  }

  function create(name: string, access: FileAccess): Opened {
    const found = devices.resolve(name)
    const failed = (status: number): Opened => ({ status, file: undefined })
    if (!found) return failed(NAME_NOT_FOUND)
    const { device, rest } = found
    if (devices.isInitializing(device)) {
      verifier.violation(
        'DeviceStillInitializing',
        '',
        `${device.name} cannot be opened: it was made after DriverEntry, so that the driver itself must clear DO_DEVICE_INITIALIZING in DEVICE_OBJECT.Flags.`,
        { at: k.objects.find(device.address, DEVICE_OBJECT)?.allocated ?? 0 },
      )
      return failed(NO_SUCH_DEVICE)
    }
    if (device.exclusive && device.references > 0) return failed(ACCESS_DENIED)
    const file = asApplication(k, () => files.create(device, rest, access))
    if (!file) return failed(SHORT)
    const { status } = send(file, { major: MAJOR.CREATE })
    if (status >= 0 && status !== PENDING) return { status, file }
    if (status !== PENDING) files.destroy(file)
    return failed(status)
  }

  /** What is still under way when the handle is closed must end: that is what IRP_MJ_CLEANUP is for. */
  function drain(file: OpenFile): void {
    if (requests.settle(file, PATIENCE_TICKS)) return
    verifier.violation(
      'IrpLeftAfterCleanup',
      majorName(MAJOR.CLEANUP),
      `${counted(requests.of(file).length, 'request')} of a file still under way ten seconds after IRP_MJ_CLEANUP, whose dispatch function must cancel them.`,
      { acquired: requests.of(file)[0]?.site ?? 0 },
    )
    for (const request of requests.of(file)) requests.wait(request, 0)
  }
  function close(file: OpenFile): number {
    if (file.cleanedUp) return INVALID_HANDLE
    files.cleanUp(file)
    send(file, { major: MAJOR.CLEANUP })
    drain(file)
    release(file)
    return SUCCESS
  }
  function closeAll(): void {
    for (const request of [...requests.all]) requests.cancel(request)
    files.forEach((file) => void close(file))
  }

  function open(name: string, access: FileAccess): Opened {
    // Pushed late, so that the handles are closed before the adapters are halted.
    if (!used) driver.addPart({ stop: closeAll })
    used = true
    return create(applicationName(name), access)
  }
  function begin(file: OpenFile, sent: Sent, needs: FileAccess): IoRequest {
    const { access } = file
    if (file.cleanedUp) return requests.refuse(file, sent.major, INVALID_HANDLE)
    if ((needs.read && !access.read) || (needs.write && !access.write))
      return requests.refuse(file, sent.major, ACCESS_DENIED)
    return requests.begin(file, sent)
  }
  function beginDeviceIoControl(
    file: OpenFile,
    code: number,
    input?: Uint8Array,
    output: number | Uint8Array = 0,
  ): IoRequest {
    const bits = code >>> ACCESS_SHIFT
    const room = typeof output === 'number' ? new Uint8Array(output) : output
    return begin(
      file,
      { major: MAJOR.DEVICE_CONTROL, code, output: room, ...(input && { input }) },
      { read: (bits & READ_ACCESS) !== 0, write: (bits & WRITE_ACCESS) !== 0 },
    )
  }
  const beginRead = (file: OpenFile, bytes: number): IoRequest =>
    begin(file, { major: MAJOR.READ, output: new Uint8Array(bytes) }, { read: true, write: false })
  const beginWrite = (file: OpenFile, data: Uint8Array): IoRequest =>
    begin(file, { major: MAJOR.WRITE, input: data }, { read: false, write: true })
  const wait = (request: IoRequest, ticks = PATIENCE_TICKS): IoResult => requests.wait(request, ticks)

  return {
    open: (name, access = BOTH) => open(name, access),
    deviceIoControl: (...args) => wait(beginDeviceIoControl(...args)),
    read: (file, bytes) => wait(beginRead(file, bytes)),
    write: (file, data) => wait(beginWrite(file, data)),
    beginDeviceIoControl,
    beginRead,
    beginWrite,
    wait,
    cancel: requests.cancel,
    close,
    closeAll,
    reference(file) {
      file.references++
      file.site = k.site.s
    },
    release,
  }
}
