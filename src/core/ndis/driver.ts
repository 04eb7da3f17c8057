import type { Kernel } from '../kernel/kernel'
import type { Work } from '../kernel/scheduler'
import type { DriverFunction } from '../kernel/text'
import { ACTIVATION } from '../kernel/cpus'
import { PASSIVE_LEVEL } from '../kernel/irql'
import { layout } from '../memory/layout'
import { PHASE } from '../trace/log'
import { apiByName, apiNumber } from './api'

const DRIVER_OBJECT = layout('DRIVER_OBJECT', 'Type', 'Size', 'DriverUnload')
const IO_TYPE_DRIVER = 4
const SERVICES = '\\Registry\\Machine\\System\\CurrentControlSet\\Services\\'

const FIRST_NAME = 'Driver'

/** Something that has its part in a driver's life: an adapter that must be initialized, run and halted. */
export interface LifePart {
  /** After DriverEntry succeeded. */
  start?(): void
  /** Before the driver is unloaded. */
  stop?(): void
  /** After DriverUnload returned: the driver's image goes away. */
  unloaded?(): void
}

/** A function of the driver, whatever its callback type says. */
export type Handler = (...args: unknown[]) => unknown

/** DriverEntry of a driver, given the addresses of its DRIVER_OBJECT and of its path in the registry. */
export type DriverEntry = (DriverObject: number, RegistryPath: number) => unknown

/** Runs a handler inside of work that runs already. */
export type Invoke = (handler: Handler, args: readonly unknown[]) => unknown

/** A driver of this machine. */
export interface LoadedDriver {
  /** Name of its service. */
  readonly name: string
  /** Its DRIVER_OBJECT. */
  readonly object: number
  /** DriverEntry has not succeeded: nothing that it registered comes to life. */
  failed: boolean
}

/** The life of the drivers of this machine: DriverEntry, what they registered, unload. */
export interface DriverLife {
  /** DRIVER_OBJECT of the driver that loads, or loaded last. */
  readonly object: number
  /** The driver that loads, or loaded last: what is registered meanwhile is its own. */
  readonly current: LoadedDriver
  readonly drivers: readonly LoadedDriver[]
  /** DriverUnload of a driver runs. */
  readonly unloading: boolean
  /** The part lives as long as the current driver; before any is loaded, as long as the machine. */
  addPart(part: LifePart): void
  /** Called after each callback with its name in the API table and its result. */
  readonly returned: ((entry: string, result: unknown) => void)[]
  /** Called before each callback and after it with the name that people know. */
  readonly passes: ((when: 'enter' | 'return', name: string, target: DriverFunction) => void)[]
  /** Runs `entry` with DriverObject and RegistryPath; its status. `name` is that of its service. */
  load(entry: DriverEntry, name?: string): number
  /** Starts what was registered: adapters are initialized, protocols bind. */
  start(): void
  /** Lets time pass until nothing is left to do, at most `ticks`. */
  idle(ticks: number): void
  /** Takes everything down, then unloads the drivers, the last one first. */
  unload(): void
  /** Runs driver code as an activation; the only way into it from NDIS. */
  call<T>(kind: number, name: string, irql: number, run: () => T): T
  /**
   * Calls a handler of the driver as an activation, with its entry and its result in the event log. `entry` is its name in
   * the API table, `name` the one that people know: MINIPORT_HALT is MiniportHaltEx.
   */
  callback(
    kind: number,
    entry: string,
    irql: number,
    handler: Handler,
    args: readonly unknown[],
    name?: string,
  ): unknown
  /** The same as work for the scheduler's queues; `target` is looked up when it runs. */
  work(kind: number, entry: string, irql: number, run: (invoke: Invoke) => void, name?: string): Work
  /** A handler given as a function or as its address; undefined when there is none. */
  handler(target: unknown): Handler | undefined
  /** The address of a handler given as a function or as its address; 0 for anything else. */
  address(target: unknown): number
  /** DriverUnload of the current driver object, which NDIS fills in for the drivers that register with it. */
  setUnload(target: unknown): void
}

export function createDriverLife(k: Kernel): DriverLife {
  const { space, scheduler, cpus } = k

  function unicode(text: string): number {
    const buffer = k.image.allocate((text.length + 1) * 2)
    for (let i = 0; i < text.length; i++) space.w16(buffer + 2 * i, text.charCodeAt(i))
    const counted = k.image.allocate(8)
    space.w16(counted, text.length * 2)
    space.w16(counted + 2, text.length * 2 + 2)
    space.w32(counted + 4, buffer)
    return counted
  }
  function createDriver(name: string): LoadedDriver {
    const object = k.image.allocate(DRIVER_OBJECT.SIZE)
    space.w16(object + DRIVER_OBJECT.Type, IO_TYPE_DRIVER)
    space.w16(object + DRIVER_OBJECT.Size, DRIVER_OBJECT.SIZE)
    return { name, object, failed: true }
  }
  const parts: { readonly part: LifePart; readonly owner: LoadedDriver | undefined }[] = []
  const drivers: LoadedDriver[] = []
  // The first one is there before it loads, for whoever sets it up by hand.
  let current = createDriver(FIRST_NAME)
  const returned: ((entry: string, result: unknown) => void)[] = []
  const passes: ((when: 'enter' | 'return', name: string, target: DriverFunction) => void)[] = []

  function handler(target: unknown): Handler | undefined {
    const fn = typeof target === 'number' ? k.text.functionAt(target) : target
    return typeof fn === 'function' ? (fn as DriverFunction as Handler) : undefined
  }
  function settled<T>(name: string, result: T): T {
    if (result instanceof Promise)
      k.verifier.violation(
        'AsyncCallback',
        name,
        `${name} returned a promise: drivers are synchronous, nothing waits for it.`,
      )
    return result
  }
  function call<T>(kind: number, name: string, irql: number, run: () => T): T {
    const result = scheduler.runNested(kind, name, irql, () => settled(name, run()))
    // Back at a lower IRQL: what had to wait for it runs.
    if (irql > cpus.irql()) scheduler.lower(cpus.irql())
    return result
  }

  const word = (value: unknown): number => (typeof value === 'number' ? value | 0 : value === true ? 1 : 0)
  function record(entry: string, phase: number, args: readonly unknown[], last: unknown): void {
    k.record(apiNumber(entry) | (phase << 26), word(args[0]), word(args[1]), word(args[2]), word(last))
  }
  // Not their addresses: whether a function has one must not depend on the rules.
  const numbers = new Map<DriverFunction, number>()
  function numberOf(target: DriverFunction): number {
    const known = numbers.get(target) ?? numbers.size + 1
    if (known > numbers.size) numbers.set(target, known)
    return known
  }
  /** Calls under way in each activation: what a library of NDIS calls back is a part of the function that called it. */
  const underWay: number[] = []
  function runIn(activation: number, target: DriverFunction, args: readonly unknown[]): unknown {
    const outer = underWay[activation] ?? 0
    if (outer === 0) cpus.setFunction(numberOf(target))
    underWay[activation] = outer + 1
    try {
      return (target as Handler)(...args)
    } finally {
      underWay[activation] = outer
    }
  }
  /** The verifier knows meanwhile, and afterwards, where `name` is written. */
  function run(name: string, target: DriverFunction, args: readonly unknown[]): unknown {
    const { enabled, called, ended } = k.verifier
    if (!enabled) return (target as Handler)(...args)
    called(name, target)
    const result = cpus.depth() > 0 ? runIn(cpus.depth() - 1, target, args) : (target as Handler)(...args)
    ended(name)
    return result
  }
  function invoke(entry: string, name: string, target: Handler, args: readonly unknown[]): unknown {
    record(entry, PHASE.CALLBACK_ENTER, args, args[3])
    for (const hook of passes) hook('enter', name, target)
    const result = settled(name, run(name, target, args))
    const cell = apiByName.get(entry)?.returns === 'VOID' ? args[3] : result
    record(entry, PHASE.CALLBACK_RETURN, args, cell)
    for (const hook of returned) hook(entry, result)
    for (const hook of passes) hook('return', name, target)
    return result
  }

  let unloading = false
  const alive = (owner: LoadedDriver | undefined): boolean => !owner?.failed
  function unloadDriver({ object, failed }: LoadedDriver): void {
    const unload = handler(space.r32(object + DRIVER_OBJECT.DriverUnload))
    if (!unload || failed) return
    unloading = true
    call(ACTIVATION.THREAD, 'DriverUnload', PASSIVE_LEVEL, () => run('DriverUnload', unload, [object]))
    unloading = false
  }

  return {
    get object() {
      return current.object
    },
    get current() {
      return current
    },
    drivers,
    get unloading() {
      return unloading
    },
    addPart: (part) => void parts.push({ part, owner: drivers.at(-1) }),
    returned,
    passes,
    call,
    callback: (kind, entry, irql, target, args, name = entry) =>
      call(kind, name, irql, () => invoke(entry, name, target, args)),
    work: (kind, entry, irql, run, name = entry) => ({
      kind,
      name,
      irql,
      run: () => run((target, args) => invoke(entry, name, target, args)),
    }),
    handler,
    address: (target) =>
      typeof target === 'function'
        ? k.text.addressOf(target as DriverFunction)
        : typeof target === 'number'
          ? target >>> 0
          : 0,
    setUnload(target) {
      space.w32(current.object + DRIVER_OBJECT.DriverUnload, this.address(target))
    },
    load(entry, name = FIRST_NAME) {
      if (drivers.length > 0) current = createDriver(name)
      drivers.push(current)
      const { object } = current
      const path = unicode(SERVICES + name)
      const status =
        Number(
          call(ACTIVATION.THREAD, 'DriverEntry', PASSIVE_LEVEL, () => run('DriverEntry', entry, [object, path])) ?? 0,
        ) | 0
      current.failed = status < 0
      return status
    },
    start() {
      for (const { part, owner } of [...parts]) if (alive(owner)) part.start?.()
    },
    idle: (ticks) => void scheduler.runUntil(() => false, ticks),
    unload() {
      const reverse = [...parts].reverse()
      for (const { part, owner } of reverse) if (alive(owner)) part.stop?.()
      for (const loaded of [...drivers].reverse()) unloadDriver(loaded)
      for (const { part } of reverse) part.unloaded?.()
    },
  }
}
