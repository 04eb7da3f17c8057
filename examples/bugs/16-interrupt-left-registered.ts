/**
 * BUG: an interrupt left registered
 *
 * MiniportHalt frees what the adapter has and leaves its interrupt connected. The line is shared: the next interrupt of another
 * card calls an ISR whose memory is gone. Seen when a laptop is docked. Deregister the interrupt before all else.
 */
import {
  DbgPrint,
  NDIS_MINIPORT_INTERRUPT,
  NdisInterruptLevelSensitive,
  NdisMRegisterInterrupt,
  storage,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport5 } from './parts/miniport5'

const Interrupt = storage(NDIS_MINIPORT_INTERRUPT)
const VECTOR = 9

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport5(DriverObject, RegistryPath, {
    initialize: (Adapter) =>
      NdisMRegisterInterrupt(Interrupt, Adapter, VECTOR, VECTOR, true, true, NdisInterruptLevelSensitive), // <- here
    halt() {
      // Wrong: the interrupt is still connected.
      DbgPrint('halted\n')
    },
    handlers: {
      ISRHandler(Recognized: { value: boolean }, QueueDpc: { value: boolean }) {
        Recognized.value = QueueDpc.value = false
      },
      HandleInterruptHandler: () => undefined,
    },
  })
}
