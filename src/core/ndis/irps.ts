import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { CancelLock } from './cancel-lock'
import { constant } from './constants'
import type { Device } from './devices'
import type { DriverLife } from './driver'
import { INVOKE, IRP, majorName, MAJOR_FUNCTIONS, PENDING_RETURNED, STACK } from './irp-layout'

export const IRP_OBJECT = 'IRP'
/** 'Irp ' */
const IRP_TAG = 0x20707249
const TYPE_IRP = constant('IO_TYPE_IRP')
const MORE_PROCESSING_REQUIRED = constant('STATUS_MORE_PROCESSING_REQUIRED')
const INVALID_DEVICE_REQUEST = constant('STATUS_INVALID_DEVICE_REQUEST')
const MAJOR_FUNCTION = layout('DRIVER_OBJECT', 'MajorFunction').MajorFunction

/** One call of a dispatch function, as the rules look at it when it has returned. */
export interface Dispatch {
  readonly irp: Irp
  readonly device: Device
  readonly major: number
  /** IoMarkIrpPending was called for this driver's stack location. */
  marked: boolean
  /** The driver handed the request to another one. */
  passed: boolean
  /** IoStatus.Status when this driver's part was completed; undefined: it was not. */
  completed: number | undefined
}

/** What the I/O manager knows of a request beside its memory. */
export interface Irp {
  readonly address: number
  readonly stackCount: number
  /** Made with IoAllocateIrp: who made it frees it. */
  readonly ofDriver: boolean
  /** When the last driver has completed it: the memory is still there, and goes afterwards. */
  readonly finished: ((irp: Irp) => void) | undefined
  /** Innermost dispatch by stack location, 1 is the lowest driver's. */
  readonly dispatches: (Dispatch | undefined)[]
}

export interface IrpWatcher {
  /** A dispatch function returned. */
  returned?(dispatch: Dispatch, status: number): void
  /** The last driver completed the request; its memory is still there. */
  finishing?(irp: Irp): void
}

/** I/O requests: their memory, the way down through dispatch functions and up through completion routines. */
export interface Irps {
  /** undefined when memory is short. At least one stack location. */
  create(stackCount: number, ofDriver: boolean, finished?: (irp: Irp) => void): Irp | undefined
  /** Puts the request into the state that it was made in. */
  reset(irp: Irp): void
  free(irp: Irp): void
  find(address: number): Irp | undefined
  /** Address of the current stack location; the next lower one lies right before it. */
  stack(irp: Irp): number
  moveStack(irp: Irp, locations: number): void
  /** IoCallDriver: the status of the dispatch function. */
  call(device: Device, irp: Irp): number
  complete(irp: Irp): void
  markPending(irp: Irp): void
  /** Sets the address of a cancel routine; the old one. */
  exchangeCancelRoutine(irp: Irp, routine: number): number
  /** IoCancelIrp: whether there was a cancel routine, which has then run. */
  cancel(irp: Irp): boolean
  watch(watcher: IrpWatcher): void
}

export function createIrps(k: Kernel, driver: DriverLife, cancelLock: CancelLock): Irps {
  const { space, objects, cpus } = k
  const { r8, r32, w8, w16, w32 } = space
  const irps = new Map<number, Irp>()
  const watchers: IrpWatcher[] = []

  const stackAt = ({ address }: Irp, location: number): number => address + IRP.SIZE + (location - 1) * STACK.SIZE
  const locationOf = ({ address }: Irp): number => r8(address + IRP.CurrentLocation)
  const bytesOf = (stackCount: number): number => IRP.SIZE + stackCount * STACK.SIZE
  function setLocation(irp: Irp, location: number): void {
    w8(irp.address + IRP.CurrentLocation, location)
    w32(irp.address + IRP.StackLocation, stackAt(irp, location))
  }
  /** Drivers reach both members; a request in which they contradict each other goes nowhere. */
  function checkLocation(irp: Irp): void {
    const { address, stackCount } = irp
    const location = locationOf(irp)
    if (location < 1 || location > stackCount + 1 || r32(address + IRP.StackLocation) !== stackAt(irp, location))
      k.bugcheck(
        'INCONSISTENT_IRP',
        [address],
        `CurrentLocation and CurrentStackLocation of the IRP at 0x${address.toString(16)} name no stack location of it: they were overwritten.`,
      )
  }

  function reset(irp: Irp): void {
    const { address, stackCount } = irp
    space.fill(address, bytesOf(stackCount), 0)
    w16(address + IRP.Type, TYPE_IRP)
    w16(address + IRP.Size, bytesOf(stackCount))
    w8(address + IRP.StackCount, stackCount)
    w32(address + IRP.ThreadListEntry, address + IRP.ThreadListEntry)
    w32(address + IRP.ThreadListEntry + 4, address + IRP.ThreadListEntry)
    setLocation(irp, stackCount + 1)
    irp.dispatches.length = 0
  }
  function free(irp: Irp): void {
    irps.delete(irp.address)
    objects.destroy(irp.address)
  }

  /** The top of the stack was passed: the request goes back to who made it. */
  function finish(irp: Irp): void {
    for (const watcher of watchers) watcher.finishing?.(irp)
    irp.finished?.(irp)
    if (!irp.ofDriver) free(irp)
  }
  /** Runs a completion routine; true when the request stays with the driver that set it. */
  function completionRoutine(irp: Irp, stack: number, above: number): boolean {
    const routine = r32(stack + STACK.CompletionRoutine)
    const handler =
      driver.handler(routine) ??
      k.fault(routine, false, 'The completion routine of an IRP is no function of the driver.')
    const device = above === 0 ? 0 : r32(above + STACK.DeviceObject)
    const args = [device, irp.address, r32(stack + STACK.Context)]
    const result = driver.callback(ACTIVATION.CALLBACK, 'IO_COMPLETION_ROUTINE', cpus.irql(), handler, args)
    return (Number(result) | 0) === MORE_PROCESSING_REQUIRED || irps.get(irp.address) !== irp
  }
  function invokes(irp: Irp, control: number, status: number): boolean {
    const cancelled = r8(irp.address + IRP.Cancel) !== 0 && (control & INVOKE.CANCEL) !== 0
    return cancelled || (control & (status >= 0 ? INVOKE.SUCCESS : INVOKE.ERROR)) !== 0
  }

  function complete(irp: Irp): void {
    const { address, stackCount, dispatches } = irp
    checkLocation(irp)
    for (let location = locationOf(irp); location <= stackCount; location = locationOf(irp)) {
      const stack = stackAt(irp, location)
      const status = r32(address + IRP.Status) | 0
      const control = r8(stack + STACK.Control)
      const pending = control & PENDING_RETURNED
      const dispatch = dispatches[location]
      if (dispatch) dispatch.completed = status
      w8(address + IRP.PendingReturned, pending)
      setLocation(irp, location + 1)
      const above = location < stackCount ? stackAt(irp, location + 1) : 0
      if (invokes(irp, control, status)) {
        w8(stack + STACK.Control, 0)
        if (completionRoutine(irp, stack, above)) return
        checkLocation(irp)
      } else if (pending && above !== 0) w8(above + STACK.Control, r8(above + STACK.Control) | PENDING_RETURNED)
    }
    finish(irp)
  }

  const dispatchFunction = ({ dispatch, driverObject }: Device, major: number): number =>
    dispatch ? (dispatch[major] ?? 0) : major >= MAJOR_FUNCTIONS ? 0 : r32(driverObject + MAJOR_FUNCTION + 4 * major)

  /** As IopInvalidDeviceRequest, which stands in each place of MajorFunction that a driver leaves empty. */
  function refuse(irp: Irp): number {
    w32(irp.address + IRP.Status, INVALID_DEVICE_REQUEST)
    w32(irp.address + IRP.Information, 0)
    complete(irp)
    return INVALID_DEVICE_REQUEST
  }
  function call(device: Device, irp: Irp): number {
    checkLocation(irp)
    const location = locationOf(irp) - 1
    if (location < 1)
      k.bugcheck(
        'NO_MORE_IRP_STACK_LOCATIONS',
        [irp.address],
        `The IRP at 0x${irp.address.toString(16)} has ${irp.stackCount} stack locations, and a driver hands it to one more.`,
      )
    const sender = irp.dispatches[location + 1] ?? irp.dispatches[location]
    if (sender) sender.passed = true
    setLocation(irp, location)
    const stack = stackAt(irp, location)
    w32(stack + STACK.DeviceObject, device.address)
    const major = r8(stack + STACK.MajorFunction)
    const target = dispatchFunction(device, major)
    if (target === 0) return refuse(irp)
    const handler =
      driver.handler(target) ??
      k.fault(target, false, `MajorFunction[${majorName(major)}] is no function of the driver.`)
    const dispatch: Dispatch = { irp, device, major, marked: false, passed: false, completed: undefined }
    irp.dispatches[location] = dispatch
    const args = [device.address, irp.address]
    const name = majorName(major)
    const result = driver.callback(ACTIVATION.CALLBACK, 'DRIVER_DISPATCH', cpus.irql(), handler, args, name)
    const status = Number(result ?? 0) | 0
    for (const watcher of watchers) watcher.returned?.(dispatch, status)
    return status
  }

  return {
    create(stackCount, ofDriver, finished) {
      const count = Math.min(Math.max(1, stackCount), 0x7f - 1)
      const address = objects.create(IRP_OBJECT, IRP_TAG, bytesOf(count), ofDriver)
      if (address === 0) return undefined
      const irp: Irp = { address, stackCount: count, ofDriver, finished, dispatches: [] }
      k.shadow.markLive(address, bytesOf(count))
      irps.set(address, irp)
      reset(irp)
      return irp
    },
    reset,
    free,
    find: (address) => irps.get(address),
    stack: ({ address }) => r32(address + IRP.StackLocation),
    moveStack(irp, locations) {
      checkLocation(irp)
      const location = locationOf(irp) + locations
      if (location < 1 || location > irp.stackCount + 1)
        k.bugcheck('NO_MORE_IRP_STACK_LOCATIONS', [irp.address], 'A driver moves an IRP beyond its stack locations.')
      setLocation(irp, location)
    },
    call,
    complete,
    markPending(irp) {
      checkLocation(irp)
      const location = locationOf(irp)
      if (location > irp.stackCount) return
      const control = stackAt(irp, location) + STACK.Control
      w8(control, r8(control) | PENDING_RETURNED)
      const dispatch = irp.dispatches[location]
      if (dispatch) dispatch.marked = true
    },
    exchangeCancelRoutine({ address }, routine) {
      const old = r32(address + IRP.CancelRoutine)
      w32(address + IRP.CancelRoutine, routine)
      return old
    },
    cancel(irp) {
      const { address } = irp
      const cancelIrql = cpus.irql()
      let called = false
      // The routine releases the lock itself and so returns at the IRQL of who cancels: that is the IRQL of its activation.
      const work = driver.work(ACTIVATION.CALLBACK, 'DRIVER_CANCEL', cancelIrql, (invoke) => {
        cancelLock.acquire('IoCancelIrp')
        w8(address + IRP.Cancel, 1)
        const routine = r32(address + IRP.CancelRoutine)
        w32(address + IRP.CancelRoutine, 0)
        if (routine === 0) return cancelLock.release(cancelIrql)
        w8(address + IRP.CancelIrql, cancelIrql)
        const handler =
          driver.handler(routine) ??
          k.fault(routine, false, 'The cancel routine of an IRP is no function of the driver.')
        called = true
        const stack = r32(address + IRP.StackLocation)
        const device = locationOf(irp) > irp.stackCount ? 0 : r32(stack + STACK.DeviceObject)
        invoke(handler, [device, address])
      })
      driver.call(work.kind, work.name, work.irql, work.run)
      return called
    },
    watch: (watcher) => void watchers.push(watcher),
  }
}
