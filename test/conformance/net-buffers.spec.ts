import { conform } from './conformance'

const lengths = 'NET_BUFFER.at(nb).DataOffset, NET_BUFFER.at(nb).DataLength'
/** A list with one NET_BUFFER of 100 bytes behind `offset` unused ones. */
const list = (offset: number): string => `const Pool = listPool(1, 0), data = memory(${100 + offset})
const Mdl = NdisAllocateMdl(0, data, ${100 + offset})
const nbl = NdisAllocateNetBufferAndNetBufferList(Pool, 0, 0, Mdl, ${offset}, 100), nb = NET_BUFFER_LIST.at(nbl).FirstNetBuffer
bytes(data, ${100 + offset}).set(Array.from({ length: ${100 + offset} }, (_, i) => i))`
const END = `NdisFreeNetBufferList(nbl); NdisFreeMdl(Mdl); NdisFreeMemory(data, 0, 0); NdisFreeNetBufferListPool(Pool)`

conform([
  {
    page: 'DDI ndisallocatenetbufferpool, ndisallocatenetbuffer',
    cases: [
      {
        says: 'a pool without data gives NET_BUFFERs without data: NULL chain, length 0',
        script: `const Pool = netBufferPool(0), nb = NdisAllocateNetBuffer(Pool, 0, 0, 0)
say(nb !== 0, NET_BUFFER.at(nb).MdlChain, ${lengths})
NdisFreeNetBuffer(nb); NdisFreeNetBufferPool(Pool)`,
        output: ['true 0 0 0'],
      },
      {
        says: 'with DataSize the MDL and the data come with it, and go with it',
        script: `const Pool = netBufferPool(256), nb = NdisAllocateNetBufferMdlAndData(Pool)
const Length = out(), Address = out()
NdisQueryMdl(NET_BUFFER.at(nb).MdlChain, Address, Length, NormalPagePriority)
say(Length.value)
bytes(Address.value, 256)[255] = 1
NdisFreeNetBuffer(nb); NdisFreeNetBufferPool(Pool)`,
        output: ['256'],
      },
      {
        says: 'such a pool is not for NdisAllocateNetBuffer',
        script: `const Pool = netBufferPool(256)
const nb = NdisAllocateNetBuffer(Pool, 0, 0, 0)
if (nb !== 0) NdisFreeNetBuffer(nb)
NdisFreeNetBufferPool(Pool)`,
        violations: ['NetBufferPoolDataSize'],
      },
      {
        says: 'a NET_BUFFER is freed once',
        script: `const Pool = netBufferPool(0), nb = NdisAllocateNetBuffer(Pool, 0, 0, 0)
NdisFreeNetBuffer(nb)
NdisFreeNetBuffer(nb)
NdisFreeNetBufferPool(Pool)`,
        violations: ['DV:DoubleFree'],
      },
    ],
  },
  {
    page: 'DDI ndisallocatenetbufferlistpool',
    cases: [
      {
        says: 'DataSize without fAllocateNetBuffer is no pool',
        script: `say(listPool(0, 64))`,
        output: ['0'],
        violations: ['NetBufferPoolParameters'],
      },
      {
        says: 'NdisAllocateNetBufferAndNetBufferList is for pools with fAllocateNetBuffer',
        script: `const Pool = listPool(0, 0)
const nbl = NdisAllocateNetBufferAndNetBufferList(Pool, 0, 0, 0, 0, 0)
if (nbl !== 0) NdisFreeNetBufferList(nbl)
NdisFreeNetBufferListPool(Pool)`,
        violations: ['NetBufferPoolDataSize'],
      },
      {
        says: 'all lists are freed before their pool',
        script: `const Pool = listPool(1, 0)
NdisAllocateNetBufferList(Pool, 0, 0)
NdisFreeNetBufferListPool(Pool)`,
        violations: ['FreePoolWithDescriptorsOut'],
      },
    ],
  },
  {
    page: 'DDI ndisallocatenetbufferlistcontext',
    cases: [
      {
        says: 'a context that was added is freed before the list',
        script: `${list(0)}
say(nameOf(NdisAllocateNetBufferListContext(nbl, 16, 0, 0x666e6f43)))
say(NET_BUFFER_LIST_CONTEXT_DATA_SIZE(nbl) >= 16)
bytes(NET_BUFFER_LIST_CONTEXT_DATA_START(nbl), 16)[15] = 1
NdisFreeNetBufferListContext(nbl, 16)
${END}`,
        output: ['SUCCESS', 'true'],
      },
    ],
  },
  {
    page: 'DDI ndisretreatnetbufferdatastart, ndisadvancenetbufferdatastart',
    cases: [
      {
        says: 'within the unused space only the offset moves',
        script: `${list(20)}
say(nameOf(NdisRetreatNetBufferDataStart(nb, 14, 0, null)), ${lengths}, NET_BUFFER.at(nb).CurrentMdl === Mdl)
NdisAdvanceNetBufferDataStart(nb, 14, 0, null)
say(${lengths})
${END}`,
        output: ['SUCCESS 6 114 true', '20 100'],
      },
      {
        says: 'without room a new MDL comes in front, and goes with the advance',
        script: `${list(0)}
say(nameOf(NdisRetreatNetBufferDataStart(nb, 14, 8, null)), NET_BUFFER.at(nb).DataLength, NET_BUFFER.at(nb).MdlChain !== Mdl)
NdisAdvanceNetBufferDataStart(nb, 14, 1, null)
say(${lengths}, NET_BUFFER.at(nb).MdlChain === Mdl)
${END}`,
        output: ['SUCCESS 114 true', '0 100 true'],
      },
      {
        says: 'not past the end of the data',
        script: `${list(0)}
NdisAdvanceNetBufferDataStart(nb, 101, 0, null)
${END}`,
        violations: ['NetBufferAdvancePastEnd'],
      },
    ],
  },
  {
    page: 'DDI ndisgetdatabuffer',
    cases: [
      {
        says: 'a pointer into the data where it lies in one piece; NULL when there is not so much',
        script: `${list(20)}
say(NdisGetDataBuffer(nb, 100, 0, 1, 0) - data, NdisGetDataBuffer(nb, 101, 0, 1, 0))
${END}`,
        output: ['20 0'],
      },
      {
        says: 'over two MDLs it is copied into the storage, and without one there is none',
        script: `const Pool = listPool(1, 0), data = memory(60), more = memory(40), room = memory(100)
const Mdl = NdisAllocateMdl(0, data, 60), Second = NdisAllocateMdl(0, more, 40)
MDL.at(Mdl).Next = Second
bytes(data, 60).fill(1); bytes(more, 40).fill(2)
const nbl = NdisAllocateNetBufferAndNetBufferList(Pool, 0, 0, Mdl, 0, 100), nb = NET_BUFFER_LIST.at(nbl).FirstNetBuffer
say(NdisGetDataBuffer(nb, 80, 0, 1, 0), NdisGetDataBuffer(nb, 80, room, 1, 0) === room)
say(bytes(room, 80).slice().filter((byte) => byte === 2).length)
NdisFreeNetBufferList(nbl); NdisFreeMdl(Second); NdisFreeMdl(Mdl)
NdisFreeMemory(data, 0, 0); NdisFreeMemory(more, 0, 0); NdisFreeMemory(room, 0, 0); NdisFreeNetBufferListPool(Pool)`,
        output: ['0 true', '20'],
      },
    ],
  },
  {
    page: 'DDI ndiscopyfromnetbuffertonetbuffer',
    cases: [
      {
        says: 'it stops where the data ends, and is still a success',
        script: `${list(0)}
const target = memory(64), TargetMdl = NdisAllocateMdl(0, target, 64), targets = netBufferPool(0)
const copy = NdisAllocateNetBuffer(targets, TargetMdl, 0, 64), Copied = out()
say(nameOf(NdisCopyFromNetBufferToNetBuffer(copy, 0, 100, nb, 90, Copied)), Copied.value)
say(bytes(target, 10).slice())
NdisFreeNetBuffer(copy); NdisFreeNetBufferPool(targets); NdisFreeMdl(TargetMdl); NdisFreeMemory(target, 0, 0)
${END}`,
        output: ['SUCCESS 10', '90,91,92,93,94,95,96,97,98,99'],
      },
    ],
  },
  {
    page: 'DDI ndisallocateclonenetbufferlist, ndisfreeclonenetbufferlist',
    cases: [
      {
        says: 'a clone shares the data and is freed with the same flags',
        script: `${list(20)}
const clone = NdisAllocateCloneNetBufferList(nbl, Pool, 0, 0)
const view = NET_BUFFER.at(NET_BUFFER_LIST.at(clone).FirstNetBuffer)
say(view.DataLength, NdisGetDataBuffer(NET_BUFFER_LIST.at(clone).FirstNetBuffer, 100, 0, 1, 0) - data)
NdisFreeCloneNetBufferList(clone, 0)
${END}`,
        output: ['100 20'],
      },
      {
        says: 'with other flags its MDLs are lost',
        script: `${list(20)}
const clone = NdisAllocateCloneNetBufferList(nbl, Pool, 0, NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS)
NdisFreeCloneNetBufferList(clone, 0)
${END}`,
        violations: ['NetBufferListFreeArguments'],
      },
    ],
  },
  {
    page: 'DDI ndisallocatefragmentnetbufferlist, ndisallocatereassemblednetbufferlist',
    cases: [
      {
        says: 'pieces of at most MaximumLength, freed with the same delta; put together again they are whole',
        script: `${list(0)}
const fragments = NdisAllocateFragmentNetBufferList(nbl, 0, 0, 0, 40, 0, 0, 0)
const sizes = []
for (let piece = NET_BUFFER_LIST.at(fragments).FirstNetBuffer; piece !== 0; piece = NET_BUFFER.at(piece).Next) sizes.push(NET_BUFFER.at(piece).DataLength)
say(sizes)
const whole = NdisAllocateReassembledNetBufferList(fragments, 0, 0, 0, 0, 0)
say(NET_BUFFER.at(NET_BUFFER_LIST.at(whole).FirstNetBuffer).DataLength)
NdisFreeReassembledNetBufferList(whole, 0, 0)
NdisFreeFragmentNetBufferList(fragments, 0, 0)
${END}`,
        output: ['40,40,20', '100'],
      },
    ],
  },
])
