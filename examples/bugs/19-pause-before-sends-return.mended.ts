/**
 * Mended: a pause that is done before its sends are back
 *
 * FilterPause cancels what the filter has sent and answers NDIS_STATUS_PENDING as long as some of it is out. Whoever gives up
 * the last reference completes the pause: the one that the filter holds while it runs, or one of a list that is on its way.
 */
import {
  LONG,
  NDIS_SET_NET_BUFFER_LIST_CANCEL_ID,
  NDIS_STATUS_PAUSED,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SEND_ABORTED,
  NDIS_STATUS_SUCCESS,
  NdisFCancelSendNetBufferLists,
  NdisFPauseComplete,
  NdisFSendNetBufferLists,
  NdisGeneratePartialCancelId,
  NdisInterlockedDecrement,
  NdisInterlockedIncrement,
  NdisMSendNetBufferListsComplete,
  NET_BUFFER_LIST,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNET_BUFFER_LIST,
  type PUNICODE_STRING,
} from 'ndis'
import { filter6, module6 } from './parts/filter6'
import { frame6, freeFrame6, later6 } from './parts/frame6'
import { miniport6 } from './parts/miniport6'

// ---- The filter: it says that it is there with a frame of its own ------------------------------------------------------

/** One for the filter as long as it runs, and one for each list that is out. */
const References = storage(LONG)
/** The first byte is that of this driver, the others are its own to choose. */
let CancelId = 0

function announce(): void {
  const List = frame6(module6())
  NDIS_SET_NET_BUFFER_LIST_CANCEL_ID(List, CancelId)
  NdisInterlockedIncrement(References)
  NdisFSendNetBufferLists(module6(), List, 0, 0)
}

function FilterRestart(): NDIS_STATUS {
  CancelId = NdisGeneratePartialCancelId() << 24
  LONG.at(References).value = 1
  later6(module6(), 1, announce)
  return NDIS_STATUS_SUCCESS
}

function FilterSendNetBufferListsComplete(_Context: NDIS_HANDLE, List: PNET_BUFFER_LIST): void {
  freeFrame6(List)
  if (NdisInterlockedDecrement(References) === 0) NdisFPauseComplete(module6())
}

function FilterPause(): NDIS_STATUS {
  NdisFCancelSendNetBufferLists(module6(), CancelId)
  return NdisInterlockedDecrement(References) === 0 ? NDIS_STATUS_SUCCESS : NDIS_STATUS_PENDING
}

const filter = (DriverObject: PDRIVER_OBJECT): NDIS_STATUS =>
  filter6(DriverObject, {
    handlers: {
      RestartHandler: FilterRestart,
      PauseHandler: FilterPause,
      SendNetBufferListsCompleteHandler: FilterSendNetBufferListsComplete,
    },
  })

// ---- A NIC without a link: it keeps what it is to send ------------------------------------------------------------------

let Adapter: NDIS_HANDLE = 0
const waiting: PNET_BUFFER_LIST[] = []

function giveBack(Status: NDIS_STATUS): void {
  for (const List of waiting.splice(0)) {
    NET_BUFFER_LIST.at(List).Status = Status
    NdisMSendNetBufferListsComplete(Adapter, List, 0)
  }
}

const miniport = (DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS =>
  miniport6(DriverObject, RegistryPath, {
    initialize: (MiniportAdapterHandle) => void (Adapter = MiniportAdapterHandle),
    handlers: {
      SendNetBufferListsHandler: (_Context: NDIS_HANDLE, List: PNET_BUFFER_LIST) => void waiting.push(List),
      // Nobody but the filter sends through this NIC: whatever waits is meant.
      CancelSendHandler: () => giveBack(NDIS_STATUS_SEND_ABORTED),
      PauseHandler() {
        giveBack(NDIS_STATUS_PAUSED)
        return NDIS_STATUS_SUCCESS
      },
    },
  })

export const drivers = { miniport, filter }
