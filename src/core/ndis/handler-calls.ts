import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import { callbackName } from './callback-name'
import type { DriverLife } from './driver'

/** Calls handlers that a driver registered, by the name of their callback in the API table. */
export interface HandlerCalls {
  /** Calls a handler at the current IRQL; its result as a 32-bit number, 0 for none. */
  call(address: number, entry: string, args: readonly unknown[]): number
  /** The same at an IRQL of its own. */
  callAt(irql: number, address: number, entry: string, args: readonly unknown[]): number
}

export function createHandlerCalls(k: Kernel, driver: DriverLife): HandlerCalls {
  const names = new Map<string, string>()
  function callAt(irql: number, address: number, entry: string, args: readonly unknown[]): number {
    let name = names.get(entry)
    if (name === undefined) names.set(entry, (name = callbackName(entry)))
    const handler = driver.handler(address) ?? k.fault(address, false, `${name} is no function of the driver.`)
    return Number(driver.callback(ACTIVATION.CALLBACK, entry, irql, handler, args, name) ?? 0) | 0
  }
  return { callAt, call: (address, entry, args) => callAt(k.cpus.irql(), address, entry, args) }
}
