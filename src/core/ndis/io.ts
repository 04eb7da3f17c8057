import type { Kernel } from '../kernel/kernel'
import { createCancelLock, type CancelLock } from './cancel-lock'
import type { References } from './callback-object'
import { createCancelSafeQueues } from './cancel-safe-queue'
import { createDeviceCalls } from './device-calls'
import type { Devices } from './devices'
import type { DriverLife } from './driver'
import { createFiles, type Files } from './files'
import { joinFunctions, type FunctionTable } from './function-table'
import { createIoControlRequests } from './io-control-request'
import { createIoWorkItems, type IoWorkItems } from './io-work-item'
import { createIoManager, type FileReferences, type IoManager } from './io-manager'
import { createIrpCalls } from './irp-calls'
import { createIrps, type Irps } from './irps'
import type { LockWord } from './lock-word'
import type { Mdls } from './mdl'
import { createRegisteredDevices, type RegisteredDevices } from './registered-device'

/** The I/O manager of the machine: devices, requests, and the application that opens them. */
export interface IoSystem {
  /** Objects with references that are neither files nor devices. */
  readonly others: References
  readonly devices: Devices
  readonly files: Files
  readonly irps: Irps
  readonly cancelLock: CancelLock
  readonly registered: RegisteredDevices
  readonly workItems: IoWorkItems
  readonly manager: IoManager & FileReferences
  readonly functions: FunctionTable
}

interface Parts {
  readonly driver: DriverLife
  readonly devices: Devices
  readonly lockWord: LockWord
  readonly mdls: Mdls
  readonly others: References
}

export function createIoSystem(k: Kernel, { driver, devices, lockWord, mdls, others }: Parts): IoSystem {
  const cancelLock = createCancelLock(k, lockWord)
  const files = createFiles(k, devices)
  const irps = createIrps(k, driver, cancelLock)
  const manager = createIoManager(k, { devices, files, irps, driver, mdls })
  const registered = createRegisteredDevices(k, devices, driver)
  const workItems = createIoWorkItems(k, devices, driver)
  driver.addPart({ start: () => devices.loaded() })
  return {
    devices,
    files,
    irps,
    cancelLock,
    registered,
    workItems,
    manager,
    others,
    functions: joinFunctions(
      createDeviceCalls(k, { devices, files, manager, others }),
      registered.functions,
      createIrpCalls(k, { devices, irps, driver, cancelLock }),
      createIoControlRequests(k, devices, irps, mdls),
      workItems.functions,
      createCancelSafeQueues(k, irps, driver, cancelLock),
    ),
  }
}
