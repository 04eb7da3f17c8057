/**
 * Mended: a timer armed at halt
 *
 * MiniportHalt cancels the timer.
 */
import {
  DbgPrint,
  NDIS_MINIPORT_TIMER,
  NdisMCancelTimer,
  NdisMInitializeTimer,
  NdisMSetTimer,
  out,
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
    halt() {
      NdisMCancelTimer(Timer, out<number>())
      DbgPrint('halted\n')
    },
  })
}
