import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { constant } from './constants'
import { countedText } from './counted-text'
import type { DriverLife } from './driver'

const OBJECT_NAME = layout('OBJECT_ATTRIBUTES', 'ObjectName').ObjectName
export const CALLBACK_OBJECT = 'callback object'
export const CALLBACK_REGISTRATION = 'callback registration'
/** 'Call', 'CBRg' */
const OBJECT_TAG = 0x6c6c6143
const REGISTRATION_TAG = 0x67524243
const OBJECT_BYTES = 32
const SUCCESS = constant('STATUS_SUCCESS')
const NAME_NOT_FOUND = constant('STATUS_OBJECT_NAME_NOT_FOUND')
const NO_RESOURCES = constant('STATUS_INSUFFICIENT_RESOURCES')
/** What the system itself makes; nothing in this machine ever calls their functions. */
const OF_SYSTEM = ['\\Callback\\SetSystemTime', '\\Callback\\PowerState', '\\Callback\\ProcessorAdd'].map((name) =>
  name.toUpperCase(),
)

/** Objects that ObReferenceObject and ObDereferenceObject count. */
export interface References {
  has(object: number): boolean
  reference(object: number): void
  release(object: number): void
}

interface CallbackObject {
  /** In upper case; '' for one without a name. */
  readonly name: string
  readonly many: boolean
  references: number
  /** Handles, in the order of registration. */
  readonly registrations: number[]
}
interface Registration {
  readonly object: number
  readonly routine: number
  readonly context: number
}

export interface CallbackObjects {
  readonly references: References
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
}

/** Callback objects, by which drivers call each other (WDM excreatecallback, exregistercallback, exnotifycallback). */
export function createCallbackObjects(k: Kernel, driver: DriverLife): CallbackObjects {
  const { objects, preempt, cpus } = k
  const known = new Map<number, CallbackObject>()
  const registrations = new Map<number, Registration>()

  const references: References = {
    has: (object) => known.has(object),
    reference(object) {
      known.get(object)!.references++
    },
    release(object) {
      const entry = known.get(object)!
      if (--entry.references > 0) return
      known.delete(object)
      objects.destroy(object)
    },
  }
  function create(name: string, many: boolean): number {
    const object = objects.create(CALLBACK_OBJECT, OBJECT_TAG, OBJECT_BYTES)
    if (object !== 0) known.set(object, { name, many, references: 1, registrations: [] })
    return object
  }
  function open(name: string): number {
    const found = name === '' ? undefined : [...known].find(([, entry]) => entry.name === name)?.[0]
    if (found !== undefined) references.reference(found)
    return found ?? 0
  }
  const functions = {
    ExCreateCallback(
      CallbackObject: OutParam,
      ObjectAttributes: number,
      Create: unknown,
      AllowMultipleCallbacks: unknown,
    ): number {
      preempt()
      const name = countedText(k, k.space.r32(ObjectAttributes + OBJECT_NAME)).toUpperCase()
      const isOfSystem = OF_SYSTEM.includes(name)
      let object = open(name)
      if (object === 0) {
        if (!Create && !isOfSystem) return NAME_NOT_FOUND
        object = create(name, isOfSystem || Boolean(AllowMultipleCallbacks))
        if (object === 0) return NO_RESOURCES
      }
      k.cells.put32(CallbackObject, object)
      return SUCCESS
    },
    /** NULL: there is one already and only one is allowed, or memory is short. The object lives on meanwhile. */
    ExRegisterCallback(CallbackObject: number, CallbackFunction: unknown, CallbackContext: number): number {
      preempt()
      const entry = known.get(CallbackObject)
      if (!entry || (!entry.many && entry.registrations.length > 0)) return 0
      const handle = objects.create(CALLBACK_REGISTRATION, REGISTRATION_TAG, OBJECT_BYTES)
      if (handle === 0) return 0
      const routine = driver.address(CallbackFunction)
      registrations.set(handle, { object: CallbackObject, routine, context: CallbackContext ?? 0 })
      entry.registrations.push(handle)
      references.reference(CallbackObject)
      return handle
    },
    ExUnregisterCallback(CallbackRegistration: number): void {
      const registration = registrations.get(CallbackRegistration)
      if (registration) {
        const list = known.get(registration.object)!.registrations
        list.splice(list.indexOf(CallbackRegistration), 1)
        registrations.delete(CallbackRegistration)
        objects.destroy(CallbackRegistration)
        references.release(registration.object)
      }
      preempt()
    },
    ExNotifyCallback(CallbackObject: number, Argument1: number, Argument2: number): void {
      preempt()
      for (const handle of [...(known.get(CallbackObject)?.registrations ?? [])]) {
        // One of those before may have taken this one back.
        const registration = registrations.get(handle)
        if (!registration) continue
        const { routine, context } = registration
        const handler =
          driver.handler(routine) ??
          k.fault(routine, false, 'A callback object calls what is no function of the driver.')
        driver.callback(ACTIVATION.CALLBACK, 'CALLBACK_FUNCTION', cpus.irql(), handler, [
          context,
          Argument1 ?? 0,
          Argument2 ?? 0,
        ])
      }
    },
  }
  return { references, functions }
}
