import { createMachine, type Machine, type MachineOptions } from './machine'
import { MachineStopped, type Bugcheck } from './kernel/bugcheck'
import { Out } from './memory/cell'
import { OWNER_DRIVER } from './memory/tagged-pool'

/** For specs: a machine and a guest that calls its functions by their ndis.h names, with the rules in between. */
export interface Guest {
  readonly machine: Machine
  /** Calls as a driver does: the rules first, then the function unless one refused it (then 0), then the rules again. */
  call(name: string, ...args: unknown[]): number
  /** The same for a function with a 64-bit result. */
  call64(name: string, ...args: unknown[]): bigint
  /** Rules broken so far, oldest first. */
  broken(): string[]
  /** Runs something that must end in a bugcheck, and gives that. */
  crash(run: () => void): Bugcheck
  /** Live memory of the driver, filled with 0, 1, 2 ... */
  memory(bytes: number): number
  bytes(address: number, length: number): number[]
}

export const cell = (): Out => new Out(-1)

type Call = (...args: unknown[]) => unknown

export function createGuest(options: MachineOptions = {}): Guest {
  const machine = createMachine(options)
  const { kernel, rules, functions } = machine

  function call(name: string, ...args: unknown[]): unknown {
    // Every call is a call site of its own, so that each broken rule is reported.
    kernel.site.s++
    const implementation = functions[name] as Call | undefined
    if (!implementation) throw new Error(`${name} is not implemented`)
    const refused = rules.some((family) => (family.before?.[name] as Call | undefined)?.(...args) === true)
    if (refused) return 0
    const result = implementation(...args)
    for (const family of rules) (family.after?.[name] as Call | undefined)?.(result, ...args)
    return result
  }
  return {
    machine,
    call: (name, ...args) => Number(call(name, ...args) ?? 0),
    call64: (name, ...args) => call(name, ...args) as bigint,
    broken: () => kernel.verifier.violations.map((violation) => violation.rule),
    crash(run) {
      try {
        run()
      } catch (thrown) {
        if (thrown instanceof MachineStopped) return thrown.bugcheck
        throw thrown
      }
      throw new Error('the machine did not stop')
    },
    memory(bytes) {
      const address = kernel.pool.allocate(bytes, 0x74736554, OWNER_DRIVER, 0, 0)
      for (let i = 0; i < bytes; i++) kernel.space.w8(address + i, i & 0xff)
      return address
    },
    bytes: (address, length) => Array.from({ length }, (_unused, i) => kernel.space.r8(address + i)),
  }
}
