import type { Kernel } from '../kernel/kernel'
import type { Timers } from '../kernel/timers'
import type { Adapters } from './adapters'
import { createBitmaps } from './bitmap'
import { createBits } from './bits'
import { createCallbackObjects, type CallbackObjects } from './callback-object'
import { createDebugBreaks } from './debug-break'
import { createDpcs, type Dpcs } from './dpc'
import type { DriverLife } from './driver'
import { createErrorLog, type ErrorLog } from './error-log'
import { createSystemEventLog, type SystemEventLog } from './event-log'
import { createOpenFiles, type DriverDataFiles, type OpenFiles } from './file'
import { joinFunctions, type FunctionTable } from './function-table'
import { createKernelEvents } from './kernel-event'
import { createCriticalRegions, type CriticalRegions } from './kernel-thread'
import { createKernelTimers } from './kernel-timer'
import { createKernelWaits } from './kernel-wait'
import type { Links } from './links'
import { createLookaheadBuffers } from './lookahead-buffer'
import { createLookasideLists, type LookasideLists } from './lookaside'
import { createMiniportLogs, type MiniportLogs } from './miniport-log'
import type { Mutants } from './mutex'
import { createPoolMemory } from './pool-memory'
import { createProcessors } from './processor'
import { createRegistryCalls } from './registry-calls'
import type { RegistryTree } from './registry-tree'
import { createRoutineAddresses } from './routine-address'
import { createSafeStrings } from './safe-string'
import { createShutdownHandlers } from './shutdown-handler'
import { createStringConversions } from './string-conversion'
import type { Threads } from './thread'
import type { Waits } from './waits'

/** What the routines need of the rest of the machine. */
export interface KernelRoutineParts {
  readonly driver: DriverLife
  readonly links: Links
  readonly adapters: Adapters
  readonly timers: Timers
  readonly waits: Waits
  readonly threads: Threads
  readonly mutants: Mutants
  readonly registry: RegistryTree
  readonly files: DriverDataFiles
}

/** The small routines of the kernel and of NDIS that drivers call beside the data path, and what the rules ask of them. */
export interface KernelRoutines {
  readonly lookaside: LookasideLists
  readonly dpcs: Dpcs
  readonly regions: CriticalRegions
  readonly errorLog: ErrorLog
  readonly eventLog: SystemEventLog
  readonly miniportLogs: MiniportLogs
  readonly files: OpenFiles
  readonly callbacks: CallbackObjects
  readonly routineAddresses: ReturnType<typeof createRoutineAddresses>
  readonly functions: FunctionTable
}

export function createKernelRoutines(k: Kernel, parts: KernelRoutineParts): KernelRoutines {
  const { driver, links, adapters, timers, waits, threads, mutants, registry } = parts
  const lookaside = createLookasideLists(k, driver, links)
  const dpcs = createDpcs(k, driver, waits)
  const regions = createCriticalRegions(k, threads)
  const errorLog = createErrorLog(k)
  const eventLog = createSystemEventLog(k)
  const miniportLogs = createMiniportLogs(k, adapters)
  const files = createOpenFiles(k, parts.files)
  const routineAddresses = createRoutineAddresses(k)
  const callbacks = createCallbackObjects(k, driver)
  driver.addPart({
    unloaded() {
      const [dpc] = dpcs.queued()
      if (dpc !== undefined)
        k.bugcheck(
          'DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS',
          [dpc, 0],
          `The driver is unloaded while its DPC at 0x${dpc.toString(16)} is queued: its function is gone when it runs.`,
        )
    },
  })
  return {
    lookaside,
    dpcs,
    regions,
    errorLog,
    eventLog,
    miniportLogs,
    files,
    routineAddresses,
    callbacks,
    functions: joinFunctions(
      createPoolMemory(k),
      lookaside.functions,
      createLookaheadBuffers(k),
      dpcs.functions,
      createKernelTimers(k, timers, dpcs),
      createKernelEvents(k),
      createKernelWaits(k, waits, mutants),
      createProcessors(k),
      createStringConversions(k),
      createSafeStrings(k),
      createBits(k),
      createRegistryCalls(k, registry),
      createBitmaps(k),
      regions.functions,
      createDebugBreaks(k),
      errorLog.functions,
      eventLog.functions,
      miniportLogs.functions,
      files.functions,
      routineAddresses.functions,
      callbacks.functions,
      createShutdownHandlers(k, adapters, driver),
    ),
  }
}
