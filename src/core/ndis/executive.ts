import type { Kernel } from '../kernel/kernel'
import { createTimers, type Timers } from '../kernel/timers'
import type { DeviceFactory } from '../nic/device'
import type { Wiring } from '../wire/wiring'
import type { DmaMappings } from './dma-mapping'
import type { Devices } from './devices'
import type { DriverLife } from './driver'
import { createConfigurations } from './configuration'
import { createEvents } from './event'
import { joinFunctions, type FunctionTable } from './function-table'
import { createHardwareAccess, type HardwareAccess } from './hardware-access'
import type { DriverDataFiles } from './file'
import { createInterlocked } from './interlocked'
import { createInterlockedLists } from './interlocked-list'
import { createIrqlCalls } from './irql'
import { createKernelRoutines, type KernelRoutines } from './kernel-routines'
import { createKernelSpinLocks } from './kernel-spin-lock'
import { watchUnload } from './left-running'
import { createLinks, type Links } from './links'
import { createLists } from './list'
import type { LockWord } from './lock-word'
import type { DescriptorPools } from './descriptor-pool'
import type { Mdls } from './mdl'
import { createNetwork, type Network } from './network'
import { createSerial, type Serial } from './serial'
import { createMutants, createMutexes } from './mutex'
import { createRegistryKey, type ConfigurationOptions } from './registry'
import { createRegistryTree } from './registry-tree'
import { createRwLocks } from './rw-lock'
import { createSpinLocks } from './spin-lock'
import { createStrings } from './string'
import { createSystemInfo } from './system-info'
import { createThreads, type Threads } from './thread'
import { createTimeQueries } from './time'
import { createTimers5 } from './timer5'
import { createTimers6 } from './timer6'
import { createWaits } from './waits'
import { createWorkItems, type WorkItems } from './work-item'
import { createWrappers } from './wrapper'

/** What NDIS has beside the data path: locks, lists, time, interrupts, and the life of miniports. */
export interface Executive extends HardwareAccess {
  readonly timers: Timers
  readonly workItems: WorkItems
  readonly threads: Threads
  readonly serial: Serial
  readonly routines: KernelRoutines
  readonly network: Network
  readonly functions: FunctionTable
}

export interface ExecutiveOptions {
  readonly configuration?: ConfigurationOptions
  readonly devices?: readonly DeviceFactory[]
  /** Files that NdisOpenFile finds, by name. */
  readonly files?: DriverDataFiles
}
interface Parts {
  readonly driver: DriverLife
  readonly lockWord: LockWord
  readonly mdls: Mdls
  readonly pools: DescriptorPools
  /** What devices may reach. */
  readonly mappings: DmaMappings
  readonly wiring: Wiring
  readonly deviceObjects: Devices
}

const createLockingCalls = (k: Kernel, lockWord: LockWord, links: Links) => ({
  ...createSpinLocks(k, lockWord),
  ...createKernelSpinLocks(k, lockWord),
  ...createRwLocks(k),
  ...createInterlocked(k, lockWord),
  ...createInterlockedLists(k, links, lockWord),
  ...createLists(k, links),
})

export function createExecutive(
  k: Kernel,
  { driver, lockWord, mdls, pools, mappings, wiring, deviceObjects }: Parts,
  { configuration, devices = [], files = {} }: ExecutiveOptions,
): Executive {
  const timers = createTimers(k.space, k.clock, k.cpus, k.scheduler)
  const serial = createSerial()
  const hardware = createHardwareAccess(k, { driver, serial, mappings, wiring, deviceObjects }, devices)
  const { adapters, lines } = hardware
  const links = createLinks(k)
  const workItems = createWorkItems(k, adapters, driver)
  const waits = createWaits(k)
  const threads = createThreads(k)
  const mutants = createMutants(k, threads)
  const registry = createRegistryTree(driver, createRegistryKey(configuration))
  const own = { driver, links, adapters, timers, waits, threads, mutants, registry, files }
  const routines = createKernelRoutines(k, own)
  const network = createNetwork(k, { driver, adapters, timers, lines, serial, mdls, pools, mappings })
  watchUnload(k, driver, () => timers.armed()[0], ['timer', 'is armed: its function is gone when it fires'])
  return {
    ...hardware,
    timers,
    workItems,
    threads,
    serial,
    routines,
    network,
    functions: joinFunctions(
      createLockingCalls(k, lockWord, links),
      createIrqlCalls(k),
      createEvents(k, waits),
      createMutexes(k, waits, mutants),
      createTimeQueries(k),
      createTimers5(k, timers, adapters, driver, serial),
      createTimers6(k, timers, adapters, driver),
      workItems.functions,
      createWrappers(k),
      network.functions,
      hardware.functions,
      createSystemInfo(k),
      createStrings(k),
      routines.functions,
      createConfigurations(k, adapters, registry),
    ),
  }
}
