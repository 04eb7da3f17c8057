import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import { SYS_ACTIVATION } from '../memory/records'
import type { Paths } from './lock-holds'

/** Code that runs by itself: two accesses of one context meet only where it may run twice at a time. */
export interface Context {
  readonly number: number
  /** The function of the driver, by the name that people know. */
  readonly name: string
  /** The DPC, ISR or work item that is the outermost function of the driver; 0: any thread, or a DPC of NDIS. */
  readonly root: number
  /** Before anything else can run, or after: nothing meets it. */
  readonly alone: boolean
  /** NDIS makes these calls one at a time. */
  readonly control: boolean
  /** NDIS calls it on several CPUs at once. */
  readonly reentered: boolean
}

/** Callbacks that bring something to life or take it down. */
const ALONE =
  /^(DriverEntry|DriverUnload|\w*SetOptions|MiniportInitialize(Ex)?|MiniportHalt(Ex)?|MiniportShutdown(Ex)?|MiniportRestart|Protocol(Unb|B)indAdapter(Ex)?|Protocol(Open|Close)AdapterComplete(Ex)?|ProtocolUnload|Filter(Attach|Detach|Restart|SetModuleOptions))$/
const CONTROL =
  /^(Miniport(OidRequest|CancelOidRequest|Pause|Reset(Ex)?|QueryInformation|SetInformation|CheckForHang(Ex)?|DevicePnPEventNotify|PnPEventNotify)|Filter(Pause|OidRequest(Complete)?|CancelOidRequest|Status|DevicePnPEventNotify|NetPnPEvent)|Protocol(OidRequestComplete|RequestComplete|NetPnPEvent|PnPEvent|Status(Ex|Complete)?|ResetComplete))$/
export const isAlone = (name: string): boolean => ALONE.test(name)
export const isControl = (name: string): boolean => CONTROL.test(name)
const REENTERED =
  /^(Miniport(Send(Packets|NetBufferLists)?|Return(Packet|NetBufferLists)|CancelSend(Packets)?)|Filter(Send|Return|Receive)NetBufferLists(Complete)?|FilterCancelSendNetBufferLists|Protocol(Send(NetBufferLists)?Complete|Receive(Packet|NetBufferLists)?))$/
const OWN_ROOTS: ReadonlySet<number> = new Set([ACTIVATION.DPC, ACTIVATION.ISR, ACTIVATION.TIMER, ACTIVATION.WORK_ITEM])
const NAMES = 1 << 20
const FUNCTIONS = 1 << 12

export interface Contexts {
  current(): Context
  of(number: number): Context
}

/** true when accesses of the two can happen at the same time. */
export function canMeet(a: Context, b: Context): boolean {
  if (a.alone || b.alone || (a.control && b.control)) return false
  if (a.root !== b.root) return true
  return a.root === 0 && (a !== b || a.reentered)
}

export function createContexts(k: Kernel, paths: Paths): Contexts {
  const { cpus } = k
  const contexts: Context[] = []
  const known = new Map<number, Context>()
  const field = (index: number, offset: number): number => cpus.activation(index, offset)

  function find(): Context {
    const index = cpus.depth() - 1
    if (index < 0) return nobody
    const outermost = paths.outermost()
    const own = OWN_ROOTS.has(field(outermost, SYS_ACTIVATION.Kind))
    const root = own ? field(outermost, SYS_ACTIVATION.Function) : 0
    const alone = ALONE.test(cpus.nameOf(index))
    const inner = field(index, SYS_ACTIVATION.Function) % FUNCTIONS
    const key = ((root * FUNCTIONS + inner) * 2 + (alone ? 1 : 0)) * NAMES + (field(index, SYS_ACTIVATION.Name) % NAMES)
    return known.get(key) ?? make(key, cpus.nameOf(index), root, alone)
  }
  function make(key: number, name: string, root: number, alone: boolean): Context {
    const context: Context = {
      number: contexts.length,
      name,
      root,
      alone,
      control: CONTROL.test(name),
      reentered: REENTERED.test(name),
    }
    contexts.push(context)
    known.set(key, context)
    return context
  }
  let changes = -1
  const nobody = make(-1, '', 0, true)
  let newest = nobody
  return {
    current() {
      if (changes !== cpus.changes()) {
        newest = find()
        changes = cpus.changes()
      }
      return newest
    },
    of: (number) => contexts[number]!,
  }
}
