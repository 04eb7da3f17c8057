import type { AddressSpace } from '../memory/address-space'
import { SYS_ACTIVATION, SYS_CPU, SYS_MACHINE, type SystemArea } from '../memory/records'
import type { Clock } from '../clock/clock'

export const MAX_CPUS = 8
/** Activations nest one on top of the other; deeper than this is the driver's endless recursion through callbacks. */
export const MAX_ACTIVATIONS = 64

export const ACTIVATION = { THREAD: 1, DPC: 2, ISR: 3, TIMER: 4, WORK_ITEM: 5, SYNCHRONIZED: 6, CALLBACK: 7 } as const

/** CPUs and the stack of activations, all of it in the system area. */
export interface Cpus {
  readonly count: number
  current(): number
  switchTo(cpu: number): void
  irql(): number
  irqlOf(cpu: number): number
  /** Sets the current CPU's IRQL and nothing else: the kernel decides what runs because of it. */
  setIrql(irql: number): void
  locksHeld(): number
  addLocksHeld(delta: number): void
  setQueued(cpu: number, dpcs: number, interrupts: number): void
  /** true when no activation is live on the CPU. */
  idle(cpu: number): boolean
  depth(): number
  /** Pushes an activation on the current CPU; its index. */
  enter(kind: number, name: string): number
  leave(index: number): void
  /** Field of a live activation. */
  activation(index: number, field: number): number
  nameOf(index: number): string
  /** The innermost activation runs the driver's function with this number. */
  setFunction(number: number): void
  /** Differs from its last value when something else executes: another activation, function or CPU. */
  changes(): number
}

export function createCpus(
  space: AddressSpace,
  system: SystemArea,
  machine: number,
  clock: Clock,
  count: number,
): Cpus {
  const { i32 } = space
  const base = system.allocate(SYS_CPU.SIZE * MAX_CPUS)
  const activations = system.allocate(SYS_ACTIVATION.SIZE * MAX_ACTIVATIONS)
  const word = (address: number): number => address >> 2
  i32[word(machine + SYS_MACHINE.CpuCount)] = count
  i32[word(machine + SYS_MACHINE.Cpus)] = base
  i32[word(machine + SYS_MACHINE.Activations)] = activations
  const depthAt = word(machine + SYS_MACHINE.ActivationDepth)
  const whereAt = word(machine + SYS_MACHINE.Where)
  const heldAt = word(machine + SYS_MACHINE.LocksHeld)
  const contextAt = word(machine + SYS_MACHINE.Context)
  const field = (cpu: number, offset: number): number => word(base + cpu * SYS_CPU.SIZE + offset)
  for (let cpu = 0; cpu < MAX_CPUS; cpu++) i32[field(cpu, SYS_CPU.Activation)] = -1
  let now = 0
  let irqlAt = field(0, SYS_CPU.Irql)
  let locksAt = field(0, SYS_CPU.LocksHeld)
  const outer: number[] = []
  let changes = 0
  const setDepth = (depth: number): void => {
    i32[depthAt] = depth
    i32[contextAt] = (i32[contextAt]! & ~0xff) | ((depth - 1) & 0xff)
  }
  /** What the checks of every call ask for has one fixed place. */
  const publish = (): void => {
    i32[whereAt] = (now << 16) | (i32[irqlAt]! << 20)
    i32[heldAt] = i32[locksAt]!
  }
  setDepth(0)

  return {
    count,
    current: () => now,
    switchTo(cpu) {
      changes++
      now = cpu
      irqlAt = field(cpu, SYS_CPU.Irql)
      locksAt = field(cpu, SYS_CPU.LocksHeld)
      i32[word(machine + SYS_MACHINE.CurrentCpu)] = cpu
      publish()
    },
    irql: () => i32[whereAt]! >> 20,
    irqlOf: (cpu) => i32[field(cpu, SYS_CPU.Irql)]!,
    setIrql(irql) {
      i32[irqlAt] = irql
      publish()
    },
    locksHeld: () => i32[heldAt]!,
    addLocksHeld(delta) {
      i32[locksAt] = i32[locksAt]! + delta
      publish()
    },
    setQueued(cpu, dpcs, interrupts) {
      i32[field(cpu, SYS_CPU.DpcsQueued)] = dpcs
      i32[field(cpu, SYS_CPU.InterruptsPending)] = interrupts
    },
    idle: (cpu) => i32[field(cpu, SYS_CPU.Activation)] === -1,
    depth: () => i32[depthAt]!,
    enter(kind, name) {
      changes++
      const index = i32[depthAt]!
      const at = activations + index * SYS_ACTIVATION.SIZE
      const time = clock.now()
      i32[word(at + SYS_ACTIVATION.Cpu)] = now
      i32[word(at + SYS_ACTIVATION.Kind)] = kind
      i32[word(at + SYS_ACTIVATION.Irql)] = i32[irqlAt]!
      i32[word(at + SYS_ACTIVATION.LocksAtEntry)] = i32[locksAt]!
      i32[word(at + SYS_ACTIVATION.Name)] = system.intern(name)
      i32[word(at + SYS_ACTIVATION.Function)] = 0
      i32[word(at + SYS_ACTIVATION.StartLow)] = time | 0
      i32[word(at + SYS_ACTIVATION.StartHigh)] = Math.floor(time / 0x1_0000_0000)
      setDepth(index + 1)
      outer[index] = i32[field(now, SYS_CPU.Activation)]!
      i32[field(now, SYS_CPU.Activation)] = index
      return index
    },
    leave(index) {
      changes++
      setDepth(index)
      i32[field(now, SYS_CPU.Activation)] = outer[index]!
    },
    activation: (index, offset) => i32[word(activations + index * SYS_ACTIVATION.SIZE + offset)]!,
    setFunction(number) {
      changes++
      i32[word(activations + (i32[depthAt]! - 1) * SYS_ACTIVATION.SIZE + SYS_ACTIVATION.Function)] = number
    },
    changes: () => changes,
    nameOf: (index) => space.readAscii(i32[word(activations + index * SYS_ACTIVATION.SIZE + SYS_ACTIVATION.Name)]!),
  }
}
