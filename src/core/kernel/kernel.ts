import { createClock, TICK_NS, type Clock } from '../clock/clock'
import { createAccess, type Access } from '../verifier/access'
import { createAllocationStacks, notingPool, type AllocationStacks } from '../verifier/allocation-stacks'
import { createExcerpts } from '../verifier/excerpt'
import { createObjectFinder, type ObjectFinder } from '../verifier/touched-object'
import { createAddressSpace, type AddressSpace } from '../memory/address-space'
import { createCells, type Cells } from '../memory/cell'
import { createDamageFinder, type DamageFinder } from '../memory/block-damage'
import { createDeviceWindows, type DeviceWindows } from '../memory/device-windows'
import { GRANULE, HEAP_START, IMAGE_END, IMAGE_START, SHADOW, SYSTEM_END, SYSTEM_START } from '../memory/map'
import { createSystemArea, SYS_ACTIVATION, SYS_MACHINE, type SystemArea } from '../memory/records'
import { createShadow, type Shadow } from '../memory/shadow'
import { gatedPool, type PoolGate } from '../memory/pool-gate'
import { createTaggedPool, type TaggedPool } from '../memory/tagged-pool'
import { EVENT, PHASE, type EventLog, type EventSource, type RecordEvent, type WrittenLog } from '../trace/log'
import type { LevelOf } from '../verifier/levels'
import type { FaultReport } from '../verifier/fault-plan'
import { createVerifier, type Locator, type Place, type Verifier, type Violation } from '../verifier/verifier'
import { bugcheckName, BUGCHECKS, MachineStopped, type Bugcheck, type BugcheckName } from './bugcheck'
import { createCpus, type Cpus } from './cpus'
import { DISPATCH_LEVEL } from './irql'
import type { LateCompletions } from './late-completions'
import { createLockRegistry, type LockRegistry } from './locks'
import { createObjectRegistry, type ObjectRegistry } from './objects'
import { traitsOf, type Platform, type PlatformTraits } from './platform.table'
import { createRandom, STREAM, type Random } from './random'
import {
  createEagerDecider,
  createReplay,
  createSeededDecider,
  UNDECIDED,
  type Decider,
  type Schedule,
} from './schedule'
import { createScheduleLog, type ScheduleLog } from './schedule-log'
import { createScheduler, type Scheduler } from './scheduler'
import { createText, type TextSection } from './text'

export type { Platform }

/** What the world around the machine provides. All of it may be left out in tests. */
export interface Environment {
  readonly locator: Locator
  readonly onOutput: (text: string, site: number) => void
  readonly onViolation: (violation: Violation) => void
  readonly onBugcheck: (bugcheck: Bugcheck, at: BugcheckPlace) => void
  /** A fault of the plan was injected. */
  readonly onFault?: (fault: FaultReport) => void
  /** The driver breaks into the debugger; without one the run goes on. */
  readonly onBreak?: (why: string) => void
}
export interface BugcheckPlace {
  readonly stack: readonly Place[]
  readonly cpu: number
  readonly irql: number
  readonly timeNs: number
}

/** The emulated computer without NDIS: what every function of the interface works on. */
export interface Kernel {
  readonly platform: Platform
  readonly traits: PlatformTraits
  readonly space: AddressSpace
  readonly cells: Cells
  readonly shadow: Shadow
  /** Device memory that is mapped; no part of `space`. */
  readonly windows: DeviceWindows
  readonly system: SystemArea
  /** Address of the SYS_MACHINE record. */
  readonly machine: number
  readonly pool: TaggedPool
  readonly clock: Clock
  readonly cpus: Cpus
  readonly scheduler: Scheduler
  /** Chance of everything but the scheduler, which has its own. */
  readonly random: Random
  /** Under a plan of faults that has completions come late. */
  readonly late: LateCompletions | undefined
  /** What the scheduler decided; undefined when that is not recorded. */
  readonly schedule: ScheduleLog | undefined
  readonly text: TextSection
  readonly locks: LockRegistry
  /** What lies behind the handles that drivers hold. */
  readonly objects: ObjectRegistry
  readonly log: EventLog
  /** Appends an event of what executes now to the log. */
  readonly record: RecordEvent
  readonly verifier: Verifier
  readonly access: Access
  /** What of the pool lies at an address. */
  readonly finder: ObjectFinder
  /** What of the pool was changed without being seen. */
  readonly damage: DamageFinder
  readonly stacks: AllocationStacks
  /** The call site that executes: scripts store its number before each interface call. */
  readonly site: { s: number }
  readonly image: { allocate(bytes: number): number }
  /** A preemption point; every function of the interface calls it once. */
  preempt(): void
  output(text: string): void
  /** Stops the machine for good. */
  bugcheck(name: BugcheckName, parameters: readonly number[], message: string): never
  /** The same for a code that need not be one of ours. */
  bugcheckByCode(code: number, parameters: readonly number[], message: string): never
  /** Stops in the debugger when there is one; in any case says so in the output. */
  breakIn(fn: string, why: string): void
  /** Stops the machine because of an access to memory that is not there: 0xD1 at DISPATCH_LEVEL and above, else 0x50. */
  fault(address: number, write: boolean, message: string): never
  stopped(): Bugcheck | null
  /** Called after every activation of driver code, before its IRQL is restored: index in the activation stack. */
  readonly activationEnded: ((index: number) => void)[]
}

export interface KernelOptions {
  readonly memory: WebAssembly.Memory
  readonly platform: Platform
  readonly seed: number
  readonly cpus: number
  /** The scheduler decides so, and not as the seed has it; 'eager': as the seed has it, and it looks for trouble. */
  readonly schedule?: Schedule | 'eager'
  /** Keep what the scheduler decides. */
  readonly recordSchedule?: boolean
  readonly rules: boolean
  readonly levels: LevelOf
  readonly log: WrittenLog
  readonly environment: Environment
  /** What may refuse memory; nothing does when left out. */
  readonly gate?: PoolGate
  readonly late?: LateCompletions
}

const SIGNATURE = 0x4257_444e // 'NDWB'
const MACHINE_STATE = { READY: 0, RUNNING: 1, FINISHED: 2, BUGCHECKED: 3 } as const

function createImage(shadow: Shadow, space: AddressSpace, machine: number) {
  let next = IMAGE_START
  return {
    /** Zeroed memory of the driver image, 8-byte aligned; 0 when the image is full. Guards lie between two of them. */
    allocate(bytes: number): number {
      const address = next
      const end = address + ((bytes + GRANULE - 1) & -GRANULE) + GRANULE
      if (end > IMAGE_END) return 0
      next = end
      shadow.markLive(address, bytes)
      space.i32[(machine + SYS_MACHINE.ImageEnd) >> 2] = next
      return address
    },
  }
}

function writeMachineRecord(space: AddressSpace, machine: number, options: KernelOptions, shadow: Shadow): void {
  const set = (field: number, value: number): void => space.w32(machine + field, value)
  set(SYS_MACHINE.Signature, SIGNATURE)
  set(SYS_MACHINE.State, MACHINE_STATE.RUNNING)
  set(SYS_MACHINE.Seed, options.seed)
  set(SYS_MACHINE.Platform, options.platform === 'ce' ? 1 : 0)
  set(SYS_MACHINE.HeapStart, HEAP_START)
  set(SYS_MACHINE.HeapEnd, HEAP_START)
  set(SYS_MACHINE.HeapLimit, shadow.base)
  set(SYS_MACHINE.ImageStart, IMAGE_START)
  set(SYS_MACHINE.ImageEnd, IMAGE_START)
  set(SYS_MACHINE.Shadow, shadow.base)
  shadow.mark(SYSTEM_START, SYSTEM_END - SYSTEM_START, SHADOW.SYSTEM)
}

interface StopParts {
  readonly space: AddressSpace
  readonly machine: number
  readonly clock: Clock
  readonly cpus: Cpus
  readonly site: { readonly s: number }
  readonly record: RecordEvent
}

/** The one way in which a machine stops for good. */
function createStop({ environment }: KernelOptions, { space, machine, clock, cpus, site, record }: StopParts) {
  let stopped: Bugcheck | null = null

  function bugcheckByCode(code: number, parameters: readonly number[], message: string): never {
    if (stopped) throw new MachineStopped(stopped)
    const [p1 = 0, p2 = 0, p3 = 0, p4 = 0] = parameters
    stopped = {
      code: code >>> 0,
      name: bugcheckName(code >>> 0),
      parameters: [p1 >>> 0, p2 >>> 0, p3 >>> 0, p4 >>> 0],
      message,
    }
    space.w32(machine + SYS_MACHINE.State, MACHINE_STATE.BUGCHECKED)
    space.w32(machine + SYS_MACHINE.BugcheckCode, stopped.code)
    const time = clock.now()
    record(EVENT.BUGCHECK | (PHASE.OTHER << 26), stopped.code, p1, p2, p3)
    environment.onBugcheck(stopped, {
      stack: environment.locator.stack(),
      cpu: cpus.current(),
      irql: cpus.irql(),
      timeNs: time * TICK_NS,
    })
    clock.interrupt()
    throw new MachineStopped(stopped)
  }
  const bugcheck = (name: BugcheckName, parameters: readonly number[], message: string): never =>
    bugcheckByCode(BUGCHECKS[name], parameters, message)
  const fault = (address: number, write: boolean, message: string): never =>
    cpus.irql() >= DISPATCH_LEVEL
      ? bugcheck('DRIVER_IRQL_NOT_LESS_OR_EQUAL', [address, cpus.irql(), write ? 1 : 0], message)
      : bugcheck('PAGE_FAULT_IN_NONPAGED_AREA', [address, write ? 2 : 0], message)
  function breakIn(fn: string, why: string): void {
    environment.onOutput(`*** ${fn}: ${why}\n`, site.s)
    environment.onBreak?.(`${fn}: ${why}`)
  }
  return { bugcheck, bugcheckByCode, breakIn, fault, stopped: (): Bugcheck | null => stopped }
}

const eventSource = (space: AddressSpace, machine: number, site: { readonly s: number }): EventSource => ({
  i32: space.i32,
  where: (machine + SYS_MACHINE.Where) >> 2,
  context: (machine + SYS_MACHINE.Context) >> 2,
  slice: (machine + SYS_MACHINE.Slice) >> 2,
  sliceEnd: (machine + SYS_MACHINE.SliceEnd) >> 2,
  site,
})

function createPool({ gate }: KernelOptions, space: AddressSpace, shadow: Shadow, machine: number): TaggedPool {
  const pool = createTaggedPool(space, shadow, shadow.base, machine + SYS_MACHINE.HeapEnd)
  return gate ? gatedPool(pool, gate) : pool
}

/** The address space and what is kept about it. */
function createMemory(options: KernelOptions) {
  const space = createAddressSpace(options.memory)
  const shadow = createShadow(space, options.rules)
  const system = createSystemArea(space, SYSTEM_START, SYSTEM_END)
  const machine = system.allocate(SYS_MACHINE.SIZE)
  writeMachineRecord(space, machine, options, shadow)
  const stacks = createAllocationStacks(options.environment.locator)
  const heap = createPool(options, space, shadow, machine)
  const pool = options.rules ? notingPool(heap, stacks) : heap
  return {
    space,
    shadow,
    system,
    machine,
    stacks,
    pool,
    finder: createObjectFinder({ space, shadow, pool }),
    damage: createDamageFinder(space, pool),
  }
}

function deciderOf({ cpus, schedule, seed }: KernelOptions): Decider {
  const random = createRandom(seed, STREAM.SCHEDULE)
  if (schedule === 'eager') return createEagerDecider(random, cpus)
  if (schedule) return createReplay(schedule)
  return cpus === 1 ? UNDECIDED : createSeededDecider(random)
}

interface SchedulingParts {
  readonly clock: Clock
  readonly cpus: Cpus
  readonly site: { s: number }
}

function createScheduling(
  options: KernelOptions,
  { clock, cpus, site }: SchedulingParts,
  bugcheck: Kernel['bugcheck'],
) {
  const activationEnded: ((index: number) => void)[] = []
  const schedule = options.recordSchedule ? createScheduleLog(cpus, site) : undefined
  const scheduler = createScheduler({
    clock,
    cpus,
    decider: deciderOf(options),
    site,
    hooks: {
      ...(schedule && { decided: schedule.decided }),
      activationEnded: (index) => activationEnded.forEach((hook) => hook(index)),
      tooDeep: () =>
        bugcheck(
          'KMODE_EXCEPTION_NOT_HANDLED',
          [cpus.depth()],
          'Driver callbacks nest without end: each one starts the next before it returns.',
        ),
    },
  })
  return { schedule, scheduler, activationEnded }
}

export function createKernel(options: KernelOptions): Kernel {
  const { environment, log, platform } = options
  const memory = createMemory(options)
  const { space, shadow, system, machine, pool, finder, damage } = memory
  const clock = createClock(space, machine)
  const random = createRandom(options.seed)
  const cpus = createCpus(space, system, machine, clock, options.cpus)
  // Not the first member: V8 tells `s` from the value of an out parameter by its place in the object.
  const site = { kind: 'call site', s: 0 }
  const record = log.recorder(eventSource(space, machine, site))
  const verifier = createVerifier({
    enabled: options.rules,
    levels: options.levels,
    clock,
    cpus,
    log,
    record,
    excerpt: createExcerpts({ space, shadow, finder }),
    site,
    ...environment,
  })
  const windows = createDeviceWindows(() => verifier.muted)
  const stop = createStop(options, { space, machine, clock, cpus, site, record })
  const scheduling = createScheduling(options, { clock, cpus, site }, stop.bugcheck)
  return {
    platform,
    traits: traitsOf(platform),
    ...memory,
    cells: createCells(space),
    windows,
    access: createAccess({ space, shadow, finder, damage, verifier, windows, irql: cpus.irql, fault: stop.fault }),
    clock,
    cpus,
    random,
    late: options.late,
    text: createText(),
    locks: createLockRegistry(space, system, machine),
    objects: createObjectRegistry({ space, pool, shadow, site, log }),
    log,
    record,
    verifier,
    site,
    image: createImage(shadow, space, machine),
    preempt: scheduling.scheduler.preempt,
    output: (text) => environment.onOutput(text, site.s),
    ...stop,
    ...scheduling,
  }
}

export const activationIrql = (cpus: Cpus, index: number): number => cpus.activation(index, SYS_ACTIVATION.Irql)
