import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { CALLBACK_OBJECT, CALLBACK_REGISTRATION } from '../ndis/callback-object'
import type { DriverLife } from '../ndis/driver'
import { badCountedString } from './counted-strings'
import { badHandle } from './handles'
import { hex } from './hex'
import type { RuleFamily } from './rules'

const OBJECT_NAME = layout('OBJECT_ATTRIBUTES', 'ObjectName').ObjectName

/** Callback objects: those that there are, with functions to call. */
export function callbackObjectRules(k: Kernel, driver: DriverLife): RuleFamily {
  return {
    before: {
      ExCreateCallback(_object: unknown, attributes: number) {
        const name = k.space.r32(attributes + OBJECT_NAME)
        return name !== 0 && badCountedString(k, 'ExCreateCallback', name)
      },
      ExRegisterCallback(object: number, routine: unknown) {
        const fn = 'ExRegisterCallback'
        if (badHandle(k, fn, object, CALLBACK_OBJECT)) return true
        if (driver.handler(routine)) return false
        k.verifier.violation(
          'CallbackFunction',
          fn,
          `${fn} was given ${hex(driver.address(routine))}, which is no function of the driver.`,
        )
        return true
      },
      ExUnregisterCallback: (handle: number) => badHandle(k, 'ExUnregisterCallback', handle, CALLBACK_REGISTRATION),
      ExNotifyCallback: (object: number) => badHandle(k, 'ExNotifyCallback', object, CALLBACK_OBJECT),
    },
  }
}
