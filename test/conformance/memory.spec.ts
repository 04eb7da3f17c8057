import { conform } from './conformance'

conform([
  {
    page: 'DDI ndisallocatememorywithtagpriority, ndisfreememory',
    cases: [
      {
        says: 'nonpaged memory, given back once',
        script: `const Memory = NdisAllocateMemoryWithTagPriority(0, 100, 0x666e6f43, NormalPoolPriority)
bytes(Memory, 100)[99] = 1
NdisFreeMemory(Memory, 0, 0)
NdisFreeMemory(Memory, 0, 0)`,
        violations: ['DV:DoubleFree'],
      },
      {
        says: 'no byte beyond its end',
        script: `const Memory = memory(10)
bytes(Memory, 11)[10] = 1
NdisFreeMemory(Memory, 10, 0)`,
        violations: ['DV:SpecialPoolOverrun'],
      },
      {
        says: 'nothing after it was freed',
        script: `const Memory = memory(10)
NdisFreeMemory(Memory, 10, 0)
bytes(Memory, 10)[0] = 1`,
        violations: ['DV:SpecialPoolUseAfterFree'],
      },
      {
        says: 'what is too large is refused, and nothing breaks',
        script: `const Memory = out(1)
say(nameOf(NdisAllocateMemoryWithTag(Memory, 0x7fffffff, 0x666e6f43)))
say(NdisAllocateMemoryWithTagPriority(0, 0x7fffffff, 0x666e6f43, NormalPoolPriority))`,
        output: ['FAILURE', '0'],
      },
      {
        says: 'what is left at unload is a leak with its tag',
        script: `memory(10)
memory(20)`,
        violations: ['DV:LeakAtUnload'],
        leaks: ['pool memory x1', 'pool memory x1'],
      },
    ],
  },
  {
    page: 'DDI ndismovememory, ndiszeromemory, ndisequalmemory',
    cases: [
      {
        says: 'bytes move, are zeroed, and compared',
        script: `const a = memory(16), b = memory(16)
bytes(a, 16).fill(7)
NdisMoveMemory(b, a, 16); say(bytes(b, 16).slice().every((byte) => byte === 7), NdisEqualMemory(a, b, 16))
NdisZeroMemory(b, 8); say(bytes(b, 9)[7], bytes(b, 9)[8], NdisEqualMemory(a, b, 16))
NdisFreeMemory(a, 16, 0); NdisFreeMemory(b, 16, 0)`,
        output: ['true 1', '0 7 0'],
      },
      {
        says: 'not beyond the block',
        script: `const a = memory(16)
NdisZeroMemory(a, 20)
NdisFreeMemory(a, 16, 0)`,
        violations: ['DV:SpecialPoolOverrun'],
      },
    ],
  },
  {
    page: 'WDM exallocatepool2, lookaside lists',
    cases: [
      {
        says: 'a lookaside list gives blocks of one size',
        script: `const List = storage(NPAGED_LOOKASIDE_LIST)
NdisInitializeNPagedLookasideList(List, null, null, 0, 64, 0x666e6f43, 0)
const a = NdisAllocateFromNPagedLookasideList(List)
bytes(a, 64)[63] = 1
NdisFreeToNPagedLookasideList(List, a)
say(NdisAllocateFromNPagedLookasideList(List) === a)
NdisFreeToNPagedLookasideList(List, a)
NdisDeleteNPagedLookasideList(List)`,
        output: ['true'],
      },
      {
        says: 'ExAllocatePool2 zeroes, and ExFreePoolWithTag checks the tag',
        script: `const a = ExAllocatePool2(64n, 32, 0x666e6f43)
say(bytes(a, 32).slice().every((byte) => byte === 0))
ExFreePoolWithTag(a, 0x666e6f44)`,
        output: ['true'],
        violations: ['PoolTagMismatch'],
      },
    ],
  },
])
