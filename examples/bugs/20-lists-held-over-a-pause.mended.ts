/**
 * Mended: a filter that holds NET_BUFFER_LISTs over a pause
 *
 * FilterPause returns what waits in the queue before it succeeds. Nothing is received after a pause began: NDIS sees to it that
 * the miniport is told later than the filters above it, and FilterPause runs with nothing else of the module.
 */
import {
  NDIS_SPIN_LOCK,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisAllocateSpinLock,
  NdisFIndicateReceiveNetBufferLists,
  NdisFreeSpinLock,
  NdisFReturnNetBufferLists,
  NdisMIndicateReceiveNetBufferLists,
  NdisMPauseComplete,
  NdisReleaseSpinLock,
  NDIS_RECEIVE_FLAGS_RESOURCES,
  NET_BUFFER_LIST,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNET_BUFFER_LIST,
  type PUNICODE_STRING,
} from 'ndis'
import { deregisterFilter6, filter6, module6 } from './parts/filter6'
import { frame6, freeFrame6, later6 } from './parts/frame6'
import { miniport6 } from './parts/miniport6'

// ---- The filter ----------------------------------------------------------------------------------------------------------

const BATCH = 4
const Lock = storage(NDIS_SPIN_LOCK)
/** Received lists that wait for others; guarded by the lock. */
const queue: PNET_BUFFER_LIST[] = []

function takeQueue(): PNET_BUFFER_LIST[] {
  NdisAcquireSpinLock(Lock)
  const lists = queue.splice(0)
  NdisReleaseSpinLock(Lock)
  return lists
}

function FilterReceiveNetBufferLists(
  _Context: NDIS_HANDLE,
  Lists: PNET_BUFFER_LIST,
  Port: number,
  Count: number,
  Flags: number,
): void {
  // These are the miniport's again as soon as the call returns.
  if (Flags & NDIS_RECEIVE_FLAGS_RESOURCES)
    return NdisFIndicateReceiveNetBufferLists(module6(), Lists, Port, Count, Flags)
  NdisAcquireSpinLock(Lock)
  for (let List = Lists; List !== 0;) {
    const { Next } = NET_BUFFER_LIST.at(List)
    NET_BUFFER_LIST.at(List).Next = 0
    queue.push(List)
    List = Next
  }
  const full = queue.length >= BATCH
  NdisReleaseSpinLock(Lock)
  if (full) for (const List of takeQueue()) NdisFIndicateReceiveNetBufferLists(module6(), List, Port, 1, 0)
}

/** From here on the filter keeps nothing, until it is restarted. */
function FilterPause(): NDIS_STATUS {
  for (const List of takeQueue()) NdisFReturnNetBufferLists(module6(), List, 0)
  return NDIS_STATUS_SUCCESS
}

function filter(DriverObject: PDRIVER_OBJECT): NDIS_STATUS {
  NdisAllocateSpinLock(Lock)
  return filter6(DriverObject, {
    unload() {
      deregisterFilter6()
      NdisFreeSpinLock(Lock)
    },
    handlers: {
      PauseHandler: FilterPause,
      ReceiveNetBufferListsHandler: FilterReceiveNetBufferLists,
    },
  })
}

// ---- A miniport that receives one frame ----------------------------------------------------------------------------------

let Adapter: NDIS_HANDLE = 0
let running = false
let out = 0

function receive(): void {
  if (!running) return
  out++
  NdisMIndicateReceiveNetBufferLists(Adapter, frame6(Adapter), 0, 1, 0)
}

function MiniportReturnNetBufferLists(_Context: NDIS_HANDLE, List: PNET_BUFFER_LIST): void {
  freeFrame6(List)
  out--
  if (out === 0 && !running) NdisMPauseComplete(Adapter)
}

const miniport = (DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS =>
  miniport6(DriverObject, RegistryPath, {
    initialize: (MiniportAdapterHandle) => void (Adapter = MiniportAdapterHandle),
    handlers: {
      RestartHandler() {
        running = true
        later6(Adapter, 1, receive)
        return NDIS_STATUS_SUCCESS
      },
      PauseHandler() {
        running = false
        return out === 0 ? NDIS_STATUS_SUCCESS : NDIS_STATUS_PENDING
      },
      ReturnNetBufferListsHandler: MiniportReturnNetBufferLists,
    },
  })

export const drivers = { miniport, filter }
