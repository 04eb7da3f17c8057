import type { Kernel } from '../kernel/kernel'
import { SYS_LOCK } from '../memory/records'
import { constant } from '../ndis/constants'
import type { IoSystem } from '../ndis/io'
import { IRP, majorName } from '../ndis/irp-layout'
import { IRP_OBJECT, type Dispatch } from '../ndis/irps'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

const PENDING = constant('STATUS_PENDING')
/** Calls whose first parameter is the request. */
const OF_ONE_IRP = [
  'IoGetCurrentIrpStackLocation', 'IoGetNextIrpStackLocation', 'IoMarkIrpPending', 'IoSetCancelRoutine', 'IoCancelIrp',
  'IoReuseIrp', 'IoCopyCurrentIrpStackLocationToNext', 'IoSkipCurrentIrpStackLocation', 'IoSetNextIrpStackLocation',
  'IoSetCompletionRoutine', 'IoGetRequestorProcessId',
] as const // prettier-ignore

const statusText = (status: number): string => `0x${(status >>> 0).toString(16)}`

/**
 * I/O requests: completed once and with a final status, pending both ways or not at all (WDM rules DoubleCompletion,
 * MarkIrpPending, PendedCompletedRequest, IoAllocateFree, CancelSpinlock; Driver Verifier's I/O checks, bug check 0xC9).
 * A request that is touched after its completion is a use after free like any other.
 */
export function irpRules(k: Kernel, { irps, cancelLock }: IoSystem): RuleFamily {
  const { objects, space, locks } = k
  const { violation } = k.verifier
  const object = (address: number) => ({ kind: IRP_OBJECT, address, offset: 0, size: IRP.SIZE })

  /** What lies there is no request. A freed one was reported as such when its memory was looked at. */
  function badIrp(fn: string, address: number): boolean {
    if (irps.find(address)) return false
    if (!objects.buried(address, IRP_OBJECT))
      violation('InvalidHandle', fn, `${fn} was given ${hex(address)}, where there is no IRP.`)
    return true
  }

  function complete(address: number): boolean {
    const fn = 'IoCompleteRequest'
    const irp = irps.find(address)
    if (!irp) {
      const grave = objects.buried(address, IRP_OBJECT)
      violation(
        grave ? 'DoubleCompletion' : 'InvalidHandle',
        fn,
        grave
          ? `IoCompleteRequest was given the IRP at ${hex(address)}, which was completed already: its memory is gone. Windows stops with bug check 0x44.`
          : `IoCompleteRequest was given ${hex(address)}, where there is no IRP.`,
        grave ? { ...grave, object: object(address) } : {},
      )
      return true
    }
    const status = space.r32(address + IRP.Status) | 0
    if (status === PENDING || status === -1)
      violation(
        'IrpCompletedPending',
        fn,
        `The IRP at ${hex(address)} is completed with IoStatus.Status ${statusText(status)}, which is no final status.`,
        { object: object(address) },
      )
    if (space.r32(address + IRP.CancelRoutine) !== 0)
      violation(
        'IrpCancelRoutineSet',
        fn,
        `The IRP at ${hex(address)} is completed while its cancel routine is set: IoSetCancelRoutine(Irp, NULL) must come first, and when it gives NULL the cancel routine completes the IRP.`,
        { object: object(address) },
      )
    return false
  }

  function returned({ irp, major, marked, passed, completed }: Dispatch, status: number): void {
    const name = majorName(major)
    const report = (rule: string, message: string): void =>
      violation(rule, name, message, { object: object(irp.address) })
    if (status === PENDING) {
      if (marked || passed) return
      if (completed !== undefined)
        return report(
          'PendedCompletedRequest',
          `The dispatch function completed the IRP with ${statusText(completed)} and returned STATUS_PENDING.`,
        )
      return report(
        'MarkIrpPending',
        'The dispatch function returned STATUS_PENDING without IoMarkIrpPending: the I/O manager never learns that the request ended.',
      )
    }
    if (marked)
      return report(
        'MarkIrpPending2',
        `The dispatch function called IoMarkIrpPending and returned ${statusText(status)}; it must return STATUS_PENDING then.`,
      )
    if (completed === undefined) {
      if (passed) return
      return report(
        'IrpProcessingComplete',
        `The dispatch function returned ${statusText(status)} and neither completed the IRP, nor passed it on, nor marked it pending: nobody will ever complete it.`,
      )
    }
    if (completed !== status)
      report(
        'IrpStatusMismatch',
        `The dispatch function completed the IRP with ${statusText(completed)} and returned ${statusText(status)}; the two must be the same.`,
      )
  }
  irps.watch({
    returned,
    finishing({ ofDriver, address }) {
      if (ofDriver)
        violation(
          'IoAllocateFree',
          'IoCompleteRequest',
          `The IRP at ${hex(address)} of IoAllocateIrp came back and nobody took it: its completion routine must free it and return STATUS_MORE_PROCESSING_REQUIRED.`,
          { object: object(address) },
        )
    },
  })

  function free(address: number): boolean {
    if (badIrp('IoFreeIrp', address)) return true
    if (irps.find(address)!.ofDriver) return false
    violation(
      'IoAllocateFree',
      'IoFreeIrp',
      `The IRP at ${hex(address)} was not made with IoAllocateIrp: the I/O manager frees it when it is completed.`,
      { object: object(address) },
    )
    return true
  }
  function acquire(): boolean {
    if (cancelLock.isHeld())
      violation(
        'CancelSpinlock',
        'IoAcquireCancelSpinLock',
        'The cancel spin lock is held: nothing can release it while this call waits for it.',
        { acquired: locks.get(locks.find(cancelLock.address), SYS_LOCK.AcquireSite) },
      )
    return false
  }
  function release(): boolean {
    if (cancelLock.isHeld()) return false
    violation('CancelSpinlock', 'IoReleaseCancelSpinLock', 'The cancel spin lock is released while nobody holds it.')
    return true
  }
  const insert =
    (fn: string): Before =>
    (_csq: number, irp: number) =>
      badIrp(fn, irp)
  return {
    before: {
      ...Object.fromEntries(OF_ONE_IRP.map((fn): [string, Before] => [fn, (irp: number) => badIrp(fn, irp)])),
      IoCompleteRequest: complete,
      IoFreeIrp: free,
      IoCallDriver: (_device: number, irp: number) => badIrp('IoCallDriver', irp),
      IoCsqInsertIrp: insert('IoCsqInsertIrp'),
      IoCsqInsertIrpEx: insert('IoCsqInsertIrpEx'),
      IoAcquireCancelSpinLock: acquire,
      IoReleaseCancelSpinLock: release,
    },
  }
}
