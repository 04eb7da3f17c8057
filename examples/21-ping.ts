/**
 * ping: a protocol of NDIS 6 over the driver of the teaching NIC
 *
 * Two drivers in one session. The protocol asks the peer host at the other end of the cable for its address (ARP, and
 * neighbour discovery in IPv6), sends it echo requests, and prints what comes back and how long it took. Look at the frames
 * in the packets panel. Then break it: pull the cable, lose every third frame, or take the miniport of 18-82540em-ndis6.ts
 * instead, with `--nic 82540EM`: the protocol does not know the difference. Its parts are in the folder ping.
 */
import { DriverEntry as miniport } from './20-teaching-nic'
import { DriverEntry as ping } from './ping/protocol6'

export const drivers = { miniport, ping }
