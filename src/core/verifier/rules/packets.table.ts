/** Packets, buffers, MDLs and their pools. */
import type { Rule } from './types'

export const PACKET_RULES: readonly Rule[] = [
  {
    name: 'InvalidPacket',
    level: 'break',
    meaning: 'A call was given something that is no packet of a live pool.',
    why: 'NDIS follows fields that are garbage.',
    mend: 'Use packets of NdisAllocatePacket, and no longer after they or their pool are freed.',
  },
  {
    name: 'InvalidBuffer',
    level: 'break',
    meaning: 'A call was given something that is no buffer descriptor.',
    why: 'Lengths and links are read out of garbage.',
    mend: 'Use descriptors of NdisAllocateBuffer and the like, and no longer after they are freed.',
  },
  {
    name: 'InvalidPoolHandle',
    meaning: 'A call was given something that is no pool of that kind.',
    why: 'NDIS takes foreign memory for a pool and changes it.',
    mend: 'Hand over the handle that the allocation of this kind of pool gave.',
  },
  {
    name: 'DeadPoolHandle',
    level: 'break',
    meaning: 'A pool was used that was freed.',
    why: 'Its memory may belong to somebody else.',
    mend: 'Free a pool last, when nothing takes from it or gives back to it.',
  },
  {
    name: 'BufferChainLoop',
    level: 'break',
    meaning: 'The buffers of a packet are chained in a circle.',
    why: 'Whoever walks the chain never comes to its end: the CPU hangs at a raised IRQL.',
    mend: 'Unchain a buffer before it is chained again, and do not set Next by hand.',
  },
  {
    name: 'BufferChainedTwice',
    meaning: 'A buffer was chained that is in a chain already.',
    why: 'Two packets share it: lengths are wrong, and it is freed twice.',
    mend: 'Allocate a descriptor for each packet, or unchain it from the other first.',
  },
  {
    name: 'BufferFreedWhileChained',
    level: 'break',
    meaning: 'A buffer was freed while it is chained to a packet.',
    why: 'The packet leads into freed memory.',
    mend: 'Unchain the buffer, then free it.',
  },
  {
    name: 'BufferLengthNotRestored',
    meaning: 'A buffer was freed with another length than it was made with.',
    why: 'NDIS gives the descriptor back by its length, and may take it for one of another size.',
    mend: 'Set the old length with NdisAdjustBufferLength before the buffer is freed.',
  },
  {
    name: 'BufferLengthTooLong',
    meaning: 'A buffer was given more bytes than it was made for.',
    why: 'Its descriptor has no pages for the rest: whoever reads it reads foreign memory.',
    mend: 'Never make a buffer longer than at its allocation.',
  },
  {
    name: 'BufferRange',
    meaning: 'A buffer descriptor was made for memory that does not all belong to the driver.',
    why: 'The device or a protocol reads and writes what belongs to others.',
    mend: 'Describe only memory within one allocation.',
  },
  {
    name: 'ChainedBuffersLost',
    meaning: 'A packet was freed or made new with buffers still chained to it.',
    why: 'Buffers are not freed with their packet: nobody can find them again.',
    mend: 'Unchain and free the buffers first.',
  },
  {
    name: 'PacketInUse',
    meaning: 'A packet was sent, indicated, freed or changed while it is on its way or a receiver holds it.',
    why: 'Whoever has it works on a packet that is another one meanwhile.',
    mend: 'Wait until the send is completed or the packet returned; use another one meanwhile.',
  },
  {
    name: 'PacketInfoType',
    meaning: 'Per-packet information was asked for by a number that does not exist.',
    why: 'Memory beside the array is read or written.',
    mend: 'Use the values of NDIS_PER_PACKET_INFO.',
  },
  {
    name: 'PacketPoolMixedForms',
    meaning: 'Interlocked and NonInterlocked calls are used on the same packet pool.',
    why: 'The lock of the driver does not keep the two apart: the free list of the pool breaks.',
    mend: 'Decide for one form for each pool.',
  },
  {
    name: 'NonInterlockedPairing',
    meaning: 'A packet was freed by another form of call than it was allocated with.',
    why: 'The two forms do not exclude each other, and the free list of the pool breaks.',
    mend: 'Pair the NonInterlocked calls with each other, under one lock of the driver.',
  },
  {
    name: 'NdisQueryPacketNothing',
    meaning: 'NdisQueryPacket was called without a place for any result.',
    why: 'The call does nothing, so that the code after it works with old values.',
    mend: 'Pass a place for at least one of the results.',
  },
  {
    name: 'StalePacketCounts',
    meaning: 'A chain was changed by hand while the packet still holds the counts of the old one.',
    why: 'NDIS and others go by the old counts: too few bytes are sent, or too many read.',
    mend: 'Set ValidCounts to FALSE after changing a chain, or use the NdisChain and NdisUnchain calls.',
  },
  {
    name: 'ProtocolReservedLength',
    meaning:
      'A packet was indicated whose pool reserves fewer than 16 bytes for protocols (on Windows CE: not exactly 16).',
    why: 'Protocols and NDIS write their own data there, past its end.',
    mend: 'Give NdisAllocatePacketPool a ProtocolReservedLength of 4 * sizeof(PVOID).',
  },
  {
    name: 'NdisAllocateMdl',
    meaning: 'An MDL that was allocated for an adapter is still there when the adapter is gone.',
    why: 'It leaks each time the adapter starts.',
    mend: 'Free each MDL of NdisAllocateMdl with NdisFreeMdl, at the latest in halt.',
  },
  {
    name: 'MdlNotBuilt',
    meaning: 'An MDL was used whose pages were never filled in.',
    why: 'The device is led to physical pages that are not those of the buffer.',
    mend: 'Call MmBuildMdlForNonPagedPool for the MDL first, or take it from NdisAllocateMdl.',
  },
  {
    name: 'MdlPairing',
    meaning: 'An MDL was freed by another call than goes with the one that made it.',
    why: 'The memory goes back to the wrong owner.',
    mend: 'Free an MDL with the partner of the call that allocated it.',
  },
  {
    name: 'PartialMdlRange',
    meaning: 'A partial MDL was asked for bytes that the source does not describe, or has no room for their pages.',
    why: 'It names pages of somebody else.',
    mend: 'Keep the range inside of the source, and allocate the target for all its pages.',
  },
]
