/**
 * BUG: a timer armed at halt
 *
 * MiniportHaltEx frees what the adapter has and leaves its timer running. Five seconds later it fires into memory of nobody:
 * disable and enable the adapter quickly to see it. Cancel the timer first, and wait for a DPC of it that runs.
 */
import {
  DbgPrint,
  NDIS_MINIPORT_TIMER,
  NdisMInitializeTimer,
  NdisMSetTimer,
  storage,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport5 } from './parts/miniport5'

const Timer = storage(NDIS_MINIPORT_TIMER)
const CHECK_MS = 5000

function checkLink(): void {
  DbgPrint('link is up\n')
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport5(DriverObject, RegistryPath, {
    initialize(Adapter) {
      NdisMInitializeTimer(Timer, Adapter, checkLink, 0)
      NdisMSetTimer(Timer, CHECK_MS)
    },
    // Wrong: the timer is not cancelled.
    halt: () => DbgPrint('halted\n'), // <- here
  })
}
