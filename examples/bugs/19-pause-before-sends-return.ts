/**
 * BUG: a pause that is done before its sends are back
 *
 * The filter sends a frame of its own, and the NIC has no link and keeps it. FilterPause succeeds all the same: NDIS goes on to
 * detach the filter, and the frame comes back to a module that is gone. Seen when a cable is pulled just before the machine
 * sleeps. Cancel what is out, and complete the pause when the last list is back.
 */
import {
  NDIS_STATUS_PAUSED,
  NDIS_STATUS_SEND_ABORTED,
  NDIS_STATUS_SUCCESS,
  NdisFSendNetBufferLists,
  NdisMSendNetBufferListsComplete,
  NET_BUFFER_LIST,
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

const announce = (): void => NdisFSendNetBufferLists(module6(), frame6(module6()), 0, 0)

function FilterRestart(): NDIS_STATUS {
  later6(module6(), 1, announce)
  return NDIS_STATUS_SUCCESS
}

function FilterSendNetBufferListsComplete(_Context: NDIS_HANDLE, List: PNET_BUFFER_LIST): void {
  freeFrame6(List)
}

// Wrong: nothing waits here, but the frame may still be out.
const FilterPause = (): NDIS_STATUS => NDIS_STATUS_SUCCESS // <- here

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
