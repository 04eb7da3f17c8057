import { conform } from './conformance'

const POOL = 'const Status = out(), Packet = out(), Pool = packetPool(2)'
const AT_DISPATCH = 'const Old = out(); NDIS_RAISE_IRQL_TO_DISPATCH(Old)'
const BACK = 'NDIS_LOWER_IRQL(Old.value, DISPATCH_LEVEL)'
const FREE = 'NdisFreePacketPool(Pool)'

conform([
  {
    page: 'PV ff550780 NdisAllocatePacketPool',
    cases: [
      {
        says: 'NumberOfDescriptors is how many packets may be out at a time; a freed one can be had again',
        script: `${POOL}
const a = packet(Pool), b = packet(Pool)
NdisAllocatePacket(Status, Packet, Pool); say(nameOf(Status.value))
NdisFreePacket(a)
NdisAllocatePacket(Status, Packet, Pool); say(nameOf(Status.value))
NdisFreePacket(Packet.value); NdisFreePacket(b)
${FREE}`,
        output: ['RESOURCES', 'SUCCESS'],
      },
      {
        says: 'a pool of more than 65535 descriptors is refused with RESOURCES (PV ff550787)',
        script: `const Status = out(), Pool = out()
NdisAllocatePacketPoolEx(Status, Pool, 65536, 0, 16); say(nameOf(Status.value))`,
        output: ['RESOURCES'],
      },
      {
        says: 'a pool that is never freed is a leak at unload',
        script: `packetPool(2)`,
        violations: ['DV:LeakAtUnload'],
        leaks: ['packet pool x1'],
      },
    ],
  },
  {
    page: 'PV ff550787 NdisAllocatePacketPoolEx',
    cases: [
      {
        says: 'overflow descriptors come when all others are in use',
        script: `const Status = out(), Pool = out(), Packet = out()
NdisAllocatePacketPoolEx(Status, Pool, 1, 1, 16); say(nameOf(Status.value))
const packets = []
for (let i = 0; i < 3; i++) { NdisAllocatePacket(Status, Packet, Pool.value); say(nameOf(Status.value)); if (Status.value === 0) packets.push(Packet.value) }
say(NdisPacketPoolUsage(Pool.value))
packets.forEach((one) => NdisFreePacket(one))
say(NdisPacketPoolUsage(Pool.value))
NdisFreePacketPool(Pool.value)`,
        output: ['SUCCESS', 'SUCCESS', 'SUCCESS', 'RESOURCES', '2', '0'],
      },
    ],
  },
  {
    page: 'PV ff550774 NdisAllocatePacket',
    cases: [
      {
        says: 'the chain of a new packet is empty, and its ProtocolReserved zero (NT4 103ndisx_11)',
        script: `${POOL}
const Count = out(), First = out(1), Total = out(1), one = packet(Pool)
NdisQueryPacket(one, 0, Count, First, Total)
say(Count.value, First.value, Total.value)
say(bytes(one + FIELD_OFFSET(NDIS_PACKET, 'ProtocolReserved'), 16).slice().every((byte) => byte === 0))
NdisFreePacket(one); ${FREE}`,
        output: ['0 0 0', 'true'],
      },
      {
        says: 'a packet of a pool that was freed is refused',
        script: `${POOL}
${FREE}
NdisAllocatePacket(Status, Packet, Pool)`,
        violations: ['DeadPoolHandle'],
      },
    ],
  },
  {
    page: 'PV ff551993 NdisFreePacket',
    cases: [
      {
        says: 'a packet is given back once',
        script: `${POOL}
const one = packet(Pool)
NdisFreePacket(one)
NdisFreePacket(one)
${FREE}`,
        violations: ['DV:DoubleFree'],
      },
      {
        says: 'buffers come off the packet first: else their descriptors are lost',
        script: `${POOL}
const buffers = bufferPool(1), data = memory(64), one = packet(Pool)
NdisChainBufferAtFront(one, buffer(buffers, data, 64))
NdisFreePacket(one)
${FREE}
NdisFreeMemory(data, 64, 0)`,
        violations: ['ChainedBuffersLost', 'DV:LeakAtUnload', 'DV:LeakAtUnload'],
        leaks: ['NDIS_BUFFER x1', 'buffer pool x1'],
      },
      {
        says: 'what lies in a freed packet is not the driver’s any more',
        script: `${POOL}
const one = packet(Pool)
NdisFreePacket(one)
bytes(one, 4)[0] = 1
${FREE}`,
        violations: ['DV:SpecialPoolUseAfterFree'],
      },
    ],
  },
  {
    page: 'DDI ndisfreepacketpool',
    cases: [
      {
        says: 'every packet is freed before its pool',
        script: `${POOL}
packet(Pool)
${FREE}`,
        violations: ['FreePoolWithDescriptorsOut'],
      },
      {
        says: 'a handle is dead after its pool was freed',
        script: `${POOL}
${FREE}
${FREE}`,
        violations: ['DeadPoolHandle'],
      },
    ],
  },
  {
    page: 'PV ff551932 NdisDprAllocatePacket, PV ff551940 NdisDprFreePacket',
    cases: [
      {
        says: 'they are for DISPATCH_LEVEL, and pair with the plain forms',
        script: `${POOL}
${AT_DISPATCH}
NdisDprAllocatePacket(Status, Packet, Pool); say(nameOf(Status.value))
${BACK}
NdisFreePacket(Packet.value)
const one = packet(Pool)
NDIS_RAISE_IRQL_TO_DISPATCH(Old)
NdisDprFreePacket(one)
${BACK}
${FREE}`,
        output: ['SUCCESS'],
      },
      {
        says: 'an exhausted pool sets the packet to NULL',
        script: `${POOL}
const a = packet(Pool), b = packet(Pool)
${AT_DISPATCH}
Packet.value = 1
NdisDprAllocatePacket(Status, Packet, Pool); say(nameOf(Status.value), Packet.value)
NdisDprFreePacket(a); NdisDprFreePacket(b)
${BACK}
${FREE}`,
        output: ['RESOURCES 0'],
      },
      {
        says: 'below DISPATCH_LEVEL the plain form is the one to call',
        script: `${POOL}
NdisDprAllocatePacket(Status, Packet, Pool)
NdisFreePacket(Packet.value)
${FREE}`,
        violations: ['Irql'],
      },
    ],
  },
  {
    page: 'NT4 103ndisx_31 NdisDprAllocatePacketNonInterlocked',
    cases: [
      {
        says: 'its packets go back with NdisDprFreePacketNonInterlocked',
        script: `${POOL}
${AT_DISPATCH}
NdisDprAllocatePacketNonInterlocked(Status, Packet, Pool); say(nameOf(Status.value))
NdisDprFreePacketNonInterlocked(Packet.value)
${BACK}
${FREE}`,
        output: ['SUCCESS'],
      },
      {
        says: 'and with no other form: that is a synchronization error',
        script: `${POOL}
${AT_DISPATCH}
NdisDprAllocatePacketNonInterlocked(Status, Packet, Pool)
NdisDprFreePacket(Packet.value)
${BACK}
${FREE}`,
        violations: ['NonInterlockedPairing'],
      },
    ],
  },
  {
    page: 'PV ff554658 NdisReinitializePacket',
    cases: [
      {
        says: 'the chain is empty again, and the reserved areas keep what they hold on NT 5.1',
        script: `${POOL}
const buffers = bufferPool(1), data = memory(64), one = packet(Pool), Count = out(9), Total = out(9)
const reserved = bytes(one + FIELD_OFFSET(NDIS_PACKET, 'ProtocolReserved'), 4)
reserved[0] = 7
const descriptor = buffer(buffers, data, 64)
NdisChainBufferAtFront(one, descriptor)
NdisUnchainBufferAtFront(one, out())
NdisReinitializePacket(one)
NdisQueryPacket(one, 0, Count, 0, Total); say(Count.value, Total.value, reserved[0])
NdisFreeBuffer(descriptor); NdisFreeBufferPool(buffers); NdisFreeMemory(data, 64, 0)
NdisFreePacket(one); ${FREE}`,
        output: ['0 0 7'],
      },
      {
        says: 'on CE they are zeroed (CE ee486983)',
        config: { platform: 'ce' },
        script: `${POOL}
const one = packet(Pool), reserved = bytes(one + FIELD_OFFSET(NDIS_PACKET, 'ProtocolReserved'), 4)
reserved[0] = 7
NdisReinitializePacket(one)
say(reserved[0])
NdisFreePacket(one); ${FREE}`,
        output: ['0'],
      },
    ],
  },
  {
    page: 'PV ff554428 NdisQueryPacket',
    cases: [
      {
        says: 'sums up the buffers of the chain',
        script: `${POOL}
const buffers = bufferPool(2), data = memory(100), one = packet(Pool)
const Count = out(), First = out(), Total = out(), Physical = out()
const a = buffer(buffers, data, 60), b = buffer(buffers, data + 60, 40)
NdisChainBufferAtBack(one, a); NdisChainBufferAtBack(one, b)
NdisQueryPacket(one, Physical, Count, First, Total)
say(Count.value, First.value === a, Total.value, Physical.value >= 2)
const Off = out()
NdisUnchainBufferAtBack(one, Off); say(Off.value === b)
NdisUnchainBufferAtFront(one, Off); say(Off.value === a)
NdisUnchainBufferAtFront(one, Off); say(Off.value)
NdisFreeBuffer(a); NdisFreeBuffer(b); NdisFreeBufferPool(buffers); NdisFreeMemory(data, 100, 0)
NdisFreePacket(one); ${FREE}`,
        output: ['2 true 100 true', 'true', 'true', '0'],
      },
      {
        says: 'ValidCounts stays with the driver that changes a chain by hand (PV ff557102)',
        script: `${POOL}
const buffers = bufferPool(1), data = memory(100), one = packet(Pool), Total = out()
const a = buffer(buffers, data, 100)
NdisChainBufferAtBack(one, a)
NdisQueryPacket(one, 0, 0, 0, Total)
NdisAdjustBufferLength(a, 50)
NdisQueryPacket(one, 0, 0, 0, Total); say(Total.value)
NDIS_PACKET.at(one).Private.ValidCounts = 0
NdisQueryPacket(one, 0, 0, 0, Total); say(Total.value)
NdisUnchainBufferAtFront(one, out())
NdisAdjustBufferLength(a, 100)
NdisFreeBuffer(a); NdisFreeBufferPool(buffers); NdisFreeMemory(data, 100, 0)
NdisFreePacket(one); ${FREE}`,
        output: ['100', '50'],
        violations: ['StalePacketCounts'],
      },
    ],
  },
])
