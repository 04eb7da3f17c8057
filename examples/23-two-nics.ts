/**
 * Two NICs on one switch: two miniports and a ping between them
 *
 * Three drivers in one session. The first miniport gets the NIC in slot 0 of the bus, the second one that in slot 1: the
 * configuration beside this file names both. A switch connects them and the peer host. The protocol binds to both adapters,
 * as 10.0.0.10 and 10.0.0.11; the second binding also pings the first one, through one driver down and the other one up.
 */
import { DriverEntry as intel } from './18-82540em-ndis6'
import { DriverEntry as teaching } from './20-teaching-nic'
import { DriverEntry as ping } from './ping/protocol6'

export const drivers = { intel, teaching, ping }
