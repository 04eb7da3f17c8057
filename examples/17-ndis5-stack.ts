/**
 * Two drivers of NDIS 5.1 in one session: a protocol over a miniport
 *
 * The miniport loads first; NDIS initializes its adapter and then binds the protocol to it. What the protocol sends comes
 * back from the miniport's cable, and packets that the protocol keeps are missing to the miniport until it returns them.
 */
import { DriverEntry as miniport } from './15-ndis5-miniport'
import { DriverEntry as protocol } from './16-ndis5-protocol'

export const drivers = { miniport, protocol }
