import { conform } from './conformance'

conform([
  {
    page: 'DDI ndisallocatebuffer',
    cases: [
      {
        says: 'a descriptor maps memory that it does not own',
        script: `const Pool = bufferPool(1), data = memory(64), Address = out(), Length = out()
const one = buffer(Pool, data, 64)
NdisQueryBuffer(one, Address, Length); say(Address.value === data, Length.value)
bytes(Address.value, 64)[63] = 5
NdisFreeBuffer(one)
say(bytes(data, 64)[63])
NdisFreeBufferPool(Pool); NdisFreeMemory(data, 64, 0)`,
        output: ['true 64', '5'],
      },
      {
        says: 'a pool gives no more descriptors than it has',
        script: `const Pool = bufferPool(1), data = memory(64), Status = out(), Buffer = out()
const one = buffer(Pool, data, 64)
NdisAllocateBuffer(Status, Buffer, Pool, data, 64); say(nameOf(Status.value))
NdisFreeBuffer(one); NdisFreeBufferPool(Pool); NdisFreeMemory(data, 64, 0)`,
        output: ['RESOURCES'],
      },
    ],
  },
  {
    page: 'PV ff551981 NdisFreeBuffer',
    cases: [
      {
        says: 'a descriptor is given back once',
        script: `const Pool = bufferPool(1), data = memory(64)
const one = buffer(Pool, data, 64)
NdisFreeBuffer(one)
NdisFreeBuffer(one)
NdisFreeBufferPool(Pool); NdisFreeMemory(data, 64, 0)`,
        violations: ['DV:DoubleFree'],
      },
      {
        says: 'not while it hangs on a packet',
        script: `const Pool = bufferPool(1), packets = packetPool(1), data = memory(64), one = buffer(Pool, data, 64), carrier = packet(packets)
NdisChainBufferAtFront(carrier, one)
NdisFreeBuffer(one)
NDIS_PACKET.at(carrier).Private.Head = 0
NdisFreePacket(carrier); NdisFreePacketPool(packets); NdisFreeBufferPool(Pool); NdisFreeMemory(data, 64, 0)`,
        violations: ['BufferFreedWhileChained'],
      },
    ],
  },
  {
    page: 'XP 103ndisx_0auq NdisFreeBufferPool',
    cases: [
      {
        says: 'all descriptors are freed first',
        script: `const Pool = bufferPool(1), data = memory(64)
buffer(Pool, data, 64)
NdisFreeBufferPool(Pool)
NdisFreeMemory(data, 64, 0)`,
        violations: ['FreePoolWithDescriptorsOut'],
      },
    ],
  },
  {
    page: 'PV ff551060 NdisCopyBuffer',
    cases: [
      {
        says: 'a second descriptor over a part of the same memory; nothing is copied',
        script: `const Pool = bufferPool(2), data = memory(64), Status = out(), Copy = out(), Address = out(), Length = out()
const one = buffer(Pool, data, 64)
NdisCopyBuffer(Status, Copy, Pool, one, 16, 8); say(nameOf(Status.value))
NdisQueryBuffer(Copy.value, Address, Length); say(Address.value - data, Length.value)
NdisFreeBuffer(Copy.value); NdisFreeBuffer(one); NdisFreeBufferPool(Pool); NdisFreeMemory(data, 64, 0)`,
        output: ['SUCCESS', '16 8'],
      },
      {
        says: 'a range beyond the source is refused',
        script: `const Pool = bufferPool(2), data = memory(64), Status = out(), Copy = out()
const one = buffer(Pool, data, 64)
NdisCopyBuffer(Status, Copy, Pool, one, 60, 8); say(nameOf(Status.value))
NdisFreeBuffer(one); NdisFreeBufferPool(Pool); NdisFreeMemory(data, 64, 0)`,
        output: ['FAILURE'],
      },
    ],
  },
  {
    page: 'DDI ndisadjustbufferlength, ndisgetnextbuffer',
    cases: [
      {
        says: 'a shorter length is seen by NdisQueryBuffer, and the buffers of a chain are found one by one',
        script: `const Pool = bufferPool(2), packets = packetPool(1), carrier = packet(packets), data = memory(64), Next = out(), Length = out()
const a = buffer(Pool, data, 32), b = buffer(Pool, data + 32, 32)
NdisChainBufferAtFront(carrier, b); NdisChainBufferAtFront(carrier, a)
NdisGetNextBuffer(a, Next); say(Next.value === b)
NdisGetNextBuffer(b, Next); say(Next.value)
NdisUnchainBufferAtBack(carrier, Next); NdisUnchainBufferAtBack(carrier, Next)
NdisAdjustBufferLength(a, 20)
NdisQueryBuffer(a, out(), Length); say(Length.value, NdisBufferLength(a))
NdisAdjustBufferLength(a, 32)
NdisFreeBuffer(a); NdisFreeBuffer(b); NdisFreeBufferPool(Pool); NdisFreePacket(carrier); NdisFreePacketPool(packets); NdisFreeMemory(data, 64, 0)`,
        output: ['true', '0', '20 20'],
      },
    ],
  },
  {
    page: 'DDI ndisallocatemdl, ndisfreemdl',
    cases: [
      {
        says: 'an MDL over nonpaged memory, freed with NdisFreeMdl',
        script: `const data = memory(5000), Mdl = NdisAllocateMdl(0, data, 5000), Address = out(), Length = out()
NdisQueryMdl(Mdl, Address, Length, NormalPagePriority); say(Address.value === data, Length.value)
say(NDIS_MDL_TO_SPAN_PAGES(Mdl) >= 2)
NdisFreeMdl(Mdl); NdisFreeMemory(data, 5000, 0)`,
        output: ['true 5000', 'true'],
      },
      {
        says: 'an MDL that stays is a leak',
        script: `const data = memory(64)
NdisAllocateMdl(0, data, 64)
NdisFreeMemory(data, 64, 0)`,
        violations: ['DV:LeakAtUnload'],
        leaks: ['NDIS_BUFFER x1'],
      },
    ],
  },
])
