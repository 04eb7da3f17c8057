import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import { Out } from '../memory/cell'
import { layout } from '../memory/layout'
import type { CancelLock } from './cancel-lock'
import { constant } from './constants'
import type { DriverLife, Handler } from './driver'
import { IRP } from './irp-layout'
import type { Irp, Irps } from './irps'

const CSQ = layout(
  'IO_CSQ', 'Type', 'CsqInsertIrp', 'CsqRemoveIrp', 'CsqPeekNextIrp', 'CsqAcquireLock', 'CsqReleaseLock',
  'CsqCompleteCanceledIrp', 'ReservePointer',
) // prettier-ignore
const CONTEXT = layout('IO_CSQ_IRP_CONTEXT', 'Type', 'Irp', 'Csq')
const TYPE_CONTEXT = constant('IO_TYPE_CSQ_IRP_CONTEXT')
const TYPE_CSQ = constant('IO_TYPE_CSQ')
const TYPE_CSQ_EX = constant('IO_TYPE_CSQ_EX')
/** The library keeps the queue, or the context of the request, in DriverContext[3]. */
const OWN_CONTEXT = IRP.DriverContext + 12
const SUCCESS = 0
/** A queue longer than this never ends: CsqPeekNextIrp gives the same requests again and again. */
const LONGEST_QUEUE = 0x1_0000

type Member = Exclude<keyof typeof CSQ, 'SIZE' | 'Type' | 'ReservePointer'>
const ENTRIES: Readonly<Record<Member, string>> = {
  CsqInsertIrp: 'IO_CSQ_INSERT_IRP',
  CsqRemoveIrp: 'IO_CSQ_REMOVE_IRP',
  CsqPeekNextIrp: 'IO_CSQ_PEEK_NEXT_IRP',
  CsqAcquireLock: 'IO_CSQ_ACQUIRE_LOCK',
  CsqReleaseLock: 'IO_CSQ_RELEASE_LOCK',
  CsqCompleteCanceledIrp: 'IO_CSQ_COMPLETE_CANCELED_IRP',
}

/** Cancel-safe queues: the driver has the list and the lock, the library the races with cancellation (WDM IoCsqInitialize ...). */
export function createCancelSafeQueues(k: Kernel, irps: Irps, driver: DriverLife, cancelLock: CancelLock) {
  const { space, preempt } = k
  const { r8, r32, w32 } = space

  /** The library runs inside of the driver that calls it: its callbacks are calls like any other, IRQL and locks stay. */
  function invoke(csq: number, member: Member, ...args: unknown[]): unknown {
    const address = r32(csq + CSQ[member])
    const handler: Handler =
      driver.handler(address) ??
      k.fault(
        address,
        false,
        `${member} of the cancel-safe queue at 0x${csq.toString(16)} is no function of the driver.`,
      )
    const refuses = member === 'CsqInsertIrp' && r32(csq + CSQ.Type) === TYPE_CSQ_EX
    let result: unknown
    const entry = refuses ? 'IO_CSQ_INSERT_IRP_EX' : ENTRIES[member]
    driver.work(ACTIVATION.CALLBACK, entry, 0, (run) => (result = run(handler, [csq, ...args])), member).run()
    return result
  }
  function locked<T>(csq: number, run: (release: () => void) => T): T {
    const irql = new Out(0)
    invoke(csq, 'CsqAcquireLock', irql)
    return run(() => void invoke(csq, 'CsqReleaseLock', irql.value))
  }
  /** Takes a request out of the driver's list; whoever inserted it with a context learns of it there. */
  function take(csq: number, irp: number): void {
    invoke(csq, 'CsqRemoveIrp', irp)
    const own = r32(irp + OWN_CONTEXT)
    if (own !== 0 && r32(own + CONTEXT.Type) === TYPE_CONTEXT) w32(own + CONTEXT.Irp, 0)
    w32(irp + OWN_CONTEXT, 0)
  }
  const irpAt = (fn: string, address: number): Irp =>
    irps.find(address) ??
    k.fault(address, true, `${fn} was given 0x${(address >>> 0).toString(16)}, where there is no IRP.`)

  /** The cancel routine of every request in a queue. */
  function cancelQueued(_device: number, irp: number): void {
    cancelLock.release(r8(irp + IRP.CancelIrql))
    const own = r32(irp + OWN_CONTEXT)
    const csq = r32(own + CONTEXT.Type) === TYPE_CONTEXT ? r32(own + CONTEXT.Csq) : own
    locked(csq, (release) => {
      take(csq, irp)
      release()
    })
    invoke(csq, 'CsqCompleteCanceledIrp', irp)
  }
  const cancelRoutine = k.text.addressOf(cancelQueued)

  function insert(fn: string, csq: number, address: number, context: number, insertContext: number): number {
    preempt()
    const irp = irpAt(fn, address)
    if (context !== 0) {
      w32(context + CONTEXT.Type, TYPE_CONTEXT)
      w32(context + CONTEXT.Irp, address)
      w32(context + CONTEXT.Csq, csq)
    }
    w32(address + OWN_CONTEXT, context === 0 ? csq : context)
    return locked(csq, (release) => {
      const refuses = r32(csq + CSQ.Type) === TYPE_CSQ_EX
      const status = Number(invoke(csq, 'CsqInsertIrp', address, ...(refuses ? [insertContext] : [])) ?? 0) | 0
      if (refuses && status < 0) {
        release()
        return status
      }
      irps.markPending(irp)
      irps.exchangeCancelRoutine(irp, cancelRoutine)
      // Cancelled before the routine was there: nobody else will complete it, unless the canceller took the routine just now.
      const late = r8(address + IRP.Cancel) !== 0 && irps.exchangeCancelRoutine(irp, 0) !== 0
      if (late) take(csq, address)
      release()
      if (late) invoke(csq, 'CsqCompleteCanceledIrp', address)
      return SUCCESS
    })
  }
  function initialize(csq: number, type: number, routines: readonly unknown[]): number {
    preempt()
    w32(csq + CSQ.Type, type)
    Object.keys(ENTRIES).forEach((member, i) => w32(csq + CSQ[member as Member], driver.address(routines[i])))
    w32(csq + CSQ.ReservePointer, 0)
    return SUCCESS
  }
  function endless(csq: number): void {
    k.verifier.violation(
      'CsqEndlessQueue',
      'IoCsqRemoveNextIrp',
      `CsqPeekNextIrp of the queue at 0x${csq.toString(16)} goes on giving requests that are being cancelled: it must give the one that follows Irp, and NULL at the end. On Windows this thread hangs.`,
    )
  }

  return {
    IoCsqInitialize: (
      Csq: number,
      CsqInsertIrp: unknown,
      CsqRemoveIrp: unknown,
      CsqPeekNextIrp: unknown,
      CsqAcquireLock: unknown,
      CsqReleaseLock: unknown,
      CsqCompleteCanceledIrp: unknown,
    ): number =>
      initialize(Csq, TYPE_CSQ, [
        CsqInsertIrp, CsqRemoveIrp, CsqPeekNextIrp, CsqAcquireLock, CsqReleaseLock, CsqCompleteCanceledIrp,
      ]), // prettier-ignore
    IoCsqInitializeEx: (
      Csq: number,
      CsqInsertIrp: unknown,
      CsqRemoveIrp: unknown,
      CsqPeekNextIrp: unknown,
      CsqAcquireLock: unknown,
      CsqReleaseLock: unknown,
      CsqCompleteCanceledIrp: unknown,
    ): number =>
      initialize(Csq, TYPE_CSQ_EX, [
        CsqInsertIrp, CsqRemoveIrp, CsqPeekNextIrp, CsqAcquireLock, CsqReleaseLock, CsqCompleteCanceledIrp,
      ]), // prettier-ignore
    IoCsqInsertIrp: (Csq: number, Irp: number, Context: number): void =>
      void insert('IoCsqInsertIrp', Csq, Irp, Context, 0),
    IoCsqInsertIrpEx: (Csq: number, Irp: number, Context: number, InsertContext: number): number =>
      insert('IoCsqInsertIrpEx', Csq, Irp, Context, InsertContext),
    IoCsqRemoveNextIrp(Csq: number, PeekContext: number): number {
      preempt()
      return locked(Csq, (release) => {
        let irp = 0
        for (let step = 0; ; step++) {
          irp = Number(invoke(Csq, 'CsqPeekNextIrp', irp, PeekContext) ?? 0) >>> 0
          if (step >= LONGEST_QUEUE) endless(Csq)
          if (irp === 0 || step >= LONGEST_QUEUE) {
            release()
            return 0
          }
          // Without its cancel routine it is being cancelled, and will be completed by who does that.
          if (irps.exchangeCancelRoutine(irpAt('IoCsqRemoveNextIrp', irp), 0) !== 0) break
        }
        take(Csq, irp)
        release()
        return irp
      })
    },
    IoCsqRemoveIrp(Csq: number, Context: number): number {
      preempt()
      return locked(Csq, (release) => {
        const irp = r32(Context + CONTEXT.Irp)
        const queued = irp !== 0 && irps.exchangeCancelRoutine(irpAt('IoCsqRemoveIrp', irp), 0) !== 0
        if (queued) take(Csq, irp)
        release()
        return queued ? irp : 0
      })
    },
  }
}
