/**
 * Three drivers in one session: a protocol over a filter over a miniport
 *
 * A file may export several drivers instead of one DriverEntry. They load in the order in which they stand here; NDIS
 * initializes the adapter, attaches the filter to it, and binds the protocol. Breakpoints, memory and locks of all three
 * are in one view. Set a breakpoint in FilterSendNetBufferLists and follow a frame down and up again.
 */
import { DriverEntry as miniport } from './11-ndis6-miniport'
import { DriverEntry as protocol } from './12-ndis6-protocol'
import { DriverEntry as filter } from './13-ndis6-filter'

export const drivers = { miniport, filter, protocol }
