import { ACTIVATION } from '../kernel/cpus'
import { PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { constant } from './constants'
import type { DriverLife } from './driver'
import type { OpenFile } from './files'
import { createIoBuffers } from './io-buffers'
import { createTransfers } from './io-transfer'
import { IRP, majorName, STACK } from './irp-layout'
import type { Irp, Irps } from './irps'
import type { Mdls } from './mdl'
import { FOR_EVER_TICKS } from './waits'

/** Virtual time in which a request must end before the application gives up and cancels it: ten seconds. */
export const PATIENCE_TICKS = 100_000_000
const PENDING = constant('STATUS_PENDING')
const SHORT = constant('STATUS_INSUFFICIENT_RESOURCES')
const KERNEL_MODE = constant('KernelMode')
const USER_MODE = constant('UserMode')

/** How a request ended. */
export interface IoResult {
  /** NTSTATUS; STATUS_PENDING while the request is under way, and for good when it never ends. */
  readonly status: number
  /** IoStatus.Information: bytes, as a rule. */
  readonly information: number
  /** The application's buffer as it is afterwards, all of it. */
  readonly output: Uint8Array
}

/** A request of the application. */
export interface IoRequest extends IoResult {
  readonly file: OpenFile
  readonly major: number
  readonly done: boolean
  /** Address of its IRP; nothing is there any more once the request is done. */
  readonly irp: number
  /** Call site of the last call that the driver made in its dispatch function; 0: it made none. */
  readonly site: number
}
type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** What an application hands over. */
export interface Sent {
  readonly major: number
  readonly code?: number
  readonly input?: Uint8Array
  /** Contents of the buffer for the answer: its length is what drivers see as the output length. */
  readonly output?: Uint8Array
}

export interface IoRequests {
  begin(file: OpenFile, sent: Sent): IoRequest
  /** A request that ended before a driver saw it. */
  refuse(file: OpenFile, major: number, status: number): IoRequest
  wait(request: IoRequest, ticks: number): IoRequest
  cancel(request: IoRequest): boolean
  /** Waits until none is under way for the file, at most `ticks`; whether it came to be. */
  settle(file: OpenFile, ticks: number): boolean
  of(file: OpenFile): readonly IoRequest[]
  readonly all: ReadonlySet<IoRequest>
}

const NOTHING = new Uint8Array(0)
/** NT_ERROR of ntdef.h. */
const isError = (status: number): boolean => status >>> 30 === 3

/** What the application does, no line of the driver has called: what is made meanwhile has no call site. */
export function asApplication<T>({ site }: Kernel, act: () => T): T {
  const { s } = site
  site.s = 0
  const result = act()
  site.s = s
  return result
}

/** Requests of the application. `ended` is called when a driver has completed one. */
export function createIoRequests(
  k: Kernel,
  irps: Irps,
  driver: DriverLife,
  mdls: Mdls,
  ended: (file: OpenFile) => void,
): IoRequests {
  const { space, scheduler, verifier, site } = k
  const layOut = createTransfers(k)
  const all = new Set<IoRequest>()
  const requestOf = (file: OpenFile, major: number): Writable<IoRequest> => ({
    file, major, irp: 0, site: 0, done: false, status: PENDING, information: 0, output: NOTHING,
  }) // prettier-ignore

  function refuse(file: OpenFile, major: number, status: number): IoRequest {
    return { ...requestOf(file, major), status, done: true }
  }
  function checkInformation({ major, information }: IoRequest, room: number): void {
    if (information > room)
      verifier.violation(
        'IrpInformationTooLarge',
        'IoCompleteRequest',
        `The ${majorName(major)} was completed with ${information} bytes in IoStatus.Information; there is room for ${room}: Windows copies what lies behind the buffer to the application.`,
      )
  }

  function begin(file: OpenFile, { major, code = 0, input = NOTHING, output = NOTHING }: Sent): IoRequest {
    const request = requestOf(file, major)
    const buffers = createIoBuffers(k, mdls)
    const from = buffers.user(input)
    const to = buffers.user(output)
    const finished = ({ address }: Irp): void => {
      request.status = space.r32(address + IRP.Status) | 0
      request.information = space.r32(address + IRP.Information)
      if (copyBack && !isError(request.status)) {
        checkInformation(request, copyBack.room)
        copyBack.copy(request.information)
      }
      request.output = space.u8.slice(to, to + output.length)
      request.done = true
      buffers.release()
      // Given up, and completed after all.
      if (!all.delete(request)) file.stuck--
      ended(file)
    }
    const irp = irps.create(1, false, finished)
    if (!irp) {
      buffers.release()
      return refuse(file, major, SHORT)
    }
    const stack = irps.stack(irp) - STACK.SIZE
    const copyBack = layOut(
      { irp: irp.address, stack, buffers },
      { major, code, input: from, inputLength: input.length, output: to, outputLength: output.length },
      file.device.address,
    )
    if (!copyBack || (from === 0 && input.length > 0) || (to === 0 && output.length > 0)) {
      buffers.release()
      irps.free(irp)
      return refuse(file, major, SHORT)
    }
    space.w8(stack + STACK.MajorFunction, major)
    space.w32(stack + STACK.FileObject, file.object)
    space.w8(irp.address + IRP.RequestorMode, file.access.kernel ? KERNEL_MODE : USER_MODE)
    space.w32(irp.address + IRP.FileObject, file.object)
    request.irp = irp.address
    file.references++
    all.add(request)
    driver.call(ACTIVATION.THREAD, 'application', PASSIVE_LEVEL, () => irps.call(file.device, irp))
    request.site = site.s
    return request
  }

  function cancel(request: IoRequest): boolean {
    const irp = request.done ? undefined : irps.find(request.irp)
    if (!irp) return false
    return driver.call(ACTIVATION.THREAD, 'application', PASSIVE_LEVEL, () => irps.cancel(irp))
  }
  const of = (file: OpenFile): IoRequest[] => [...all].filter((request) => request.file === file)
  function wait(request: IoRequest, ticks: number): IoRequest {
    if (scheduler.runUntil(() => request.done, ticks)) return request
    const could = cancel(request)
    if (scheduler.runUntil(() => request.done, FOR_EVER_TICKS)) return request
    all.delete(request)
    request.file.stuck++
    verifier.violation(
      'IrpNeverCompleted',
      majorName(request.major),
      `The request was never completed, although it was cancelled ${could ? 'and its cancel routine ran' : '(it has no cancel routine)'}: the application hangs, and its process cannot end.`,
      { acquired: request.site, object: { kind: 'IRP', address: request.irp, offset: 0, size: IRP.SIZE } },
    )
    return request
  }
  return {
    begin: (file, sent) => asApplication(k, () => begin(file, sent)),
    refuse,
    wait,
    cancel,
    settle: (file, ticks) => scheduler.runUntil(() => of(file).length === 0, ticks),
    of,
    all,
  }
}
