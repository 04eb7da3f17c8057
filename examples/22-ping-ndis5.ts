/**
 * ping with NDIS 5: the same pinger as a protocol of NDIS 5.1, over the 82540EM driver of that time
 *
 * What differs from 21-ping.ts is how frames go up and down: packets with buffers instead of lists, a frame that arrives as
 * its start and is fetched with NdisTransferData. What a ping does is the same code.
 */
import { DriverEntry as miniport } from './19-82540em-ndis5'
import { DriverEntry as ping } from './ping/protocol5'

export const drivers = { miniport, ping }
