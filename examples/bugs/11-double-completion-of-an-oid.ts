/**
 * BUG: an OID request completed twice
 *
 * The DPC completes the request that is pending and forgets that it did so; the next DPC completes it again. By then it is
 * another request, whose driver believes an answer that nobody gave. Remember that nothing is pending any more.
 */
import {
  NDIS_MINIPORT_TIMER,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
  NdisMCancelTimer,
  NdisMInitializeTimer,
  NdisMSetInformationComplete,
  NdisMSetPeriodicTimer,
  out,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport5 } from './parts/miniport5'
import { listen5, protocol5 } from './parts/protocol5'

const Timer = storage(NDIS_MINIPORT_TIMER)
let Adapter: NDIS_HANDLE = 0
let requestPending = false

function MiniportSetInformation(): NDIS_STATUS {
  requestPending = true
  return NDIS_STATUS_PENDING
}

function NicTick(): void {
  if (!requestPending) return
  NdisMSetInformationComplete(Adapter, NDIS_STATUS_SUCCESS) // <- here
  // Wrong: requestPending stays set.
}

function miniport(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport5(DriverObject, RegistryPath, {
    initialize(MiniportAdapterHandle) {
      Adapter = MiniportAdapterHandle
      NdisMInitializeTimer(Timer, Adapter, NicTick, 0)
      NdisMSetPeriodicTimer(Timer, 1)
    },
    halt: () => NdisMCancelTimer(Timer, out<number>()),
    handlers: { SetInformationHandler: MiniportSetInformation },
  })
}

/** A protocol above that sets its packet filter. */
export const drivers = {
  miniport,
  protocol: (DriverObject: PDRIVER_OBJECT) => protocol5(DriverObject, { bound: (binding) => void listen5(binding) }),
}
