/** Pool, pointers, lookaside lists and linked lists. */
import { KEPT_OF_A_SITE } from '../kept-stacks'
import type { Rule } from './types'

export const MEMORY_RULES: readonly Rule[] = [
  {
    name: 'DV:DoubleFree',
    level: 'break',
    meaning: 'Memory was freed that is free already.',
    why: 'The block may belong to somebody else by now, whose data is then given away; the pool is wrecked.',
    mend: 'Set the pointer to NULL when the block is freed, and let one place own it.',
  },
  {
    name: 'DV:FreeUnallocated',
    level: 'break',
    meaning: 'Something was freed that no allocation returned.',
    why: 'The pool takes what lies before the address for its header: bug check or a wrecked pool.',
    mend: 'Free the very address that the allocation gave, not one inside the block or on the stack.',
  },
  {
    name: 'DV:ZeroByteAllocation',
    meaning: 'Zero bytes were asked for.',
    why: 'Depending on the version the call fails or gives a block that nothing may be written to.',
    mend: 'Check the length before allocating.',
  },
  {
    name: 'DV:WrotePastEnd',
    level: 'break',
    meaning:
      'A block was written past its end; it was found when the block was looked at again: when it was freed, when the adapter was halted, when the driver was unloaded, or when the run ended.',
    why: 'What lies behind, the header of the next block perhaps, is destroyed, and somebody else crashes later.',
    mend: 'Look for the index or length that goes one too far; the allocation is named in the report.',
  },
  {
    name: 'DV:SpecialPoolOverrun',
    level: 'break',
    meaning: 'Memory was touched outside of the block that it was reached through.',
    why: 'It belongs to something else: data is silently destroyed, or the page does not exist.',
    mend: 'Check the length before the access; the report says how far outside it lay.',
  },
  {
    name: 'DV:SpecialPoolPatternBroken',
    level: 'break',
    meaning:
      'What NDIS or the pool keeps beside the data of the driver was overwritten: the field of a packet that names its pool, or the record in front of a block.',
    why: 'What is given back goes where the overwritten words say, and the crash comes far from the mistake.',
    mend: 'Leave the fields alone that the documentation reserves; look for a write that begins too early or runs too far.',
  },
  {
    name: 'DV:SpecialPoolUseAfterFree',
    level: 'break',
    meaning:
      'Memory was touched that is freed, or was never allocated; or what lies in freed memory was found changed, when it was allocated again, at halt, at unload or when the run ended.',
    why: 'It may hold the data of somebody else by now: wrong bytes one time, a bug check another.',
    mend: 'Stop everything that uses the block before it is freed, and clear the pointers to it.',
  },
  {
    name: 'UninitializedRead',
    meaning: 'Bytes were read, or handed to a device, that nobody wrote since they were allocated.',
    why: 'They hold what the last owner of the memory left there: other values on each machine, and on the wire the secrets of somebody else.',
    mend: 'Zero the memory after it is allocated, or write each member, padding of frames included, before it is read.',
  },
  {
    name: 'DV:LeakAtUnload',
    meaning: `Something that the driver allocated or opened was still there when it was unloaded. What one call stack allocated is one leak; of a line that allocates more often than ${KEPT_OF_A_SITE} times only the stacks of the first ${KEPT_OF_A_SITE} are kept, and later allocations of it are one leak by their line.`,
    why: 'It is lost until the system starts again; with the verifier Windows stops at the unload.',
    mend: 'Give back in halt or unload what initialize or DriverEntry took, on the paths that fail too.',
  },
  {
    name: 'NdisQueryBindInstanceName',
    meaning: 'The name that NdisQueryBindInstanceName gave was not freed before the driver was unloaded.',
    why: 'NDIS allocated it for the caller and frees it never: it leaks at each bind.',
    mend: 'Give the Buffer of the string to NdisFreeMemory when the name is no longer needed.',
  },
  {
    name: 'NdisAllocateMemoryWithTagPriority',
    meaning: 'Pool memory was asked for with the tag 0.',
    why: 'Windows stops with BAD_POOL_CALLER; where it does not, nobody can tell whose memory leaks.',
    mend: 'Give each kind of block a tag of four printable characters.',
  },
  {
    name: 'DV:AllocDuringUnload',
    meaning: 'Pool memory was asked for while DriverUnload runs.',
    why: 'Nothing is left to free it: it leaks, and with the verifier Windows stops.',
    mend: 'Allocate in DriverEntry or in initialize what the way out needs.',
  },
  {
    name: 'NullCheck',
    level: 'break',
    meaning: 'A NULL pointer, or one with a small offset, was followed.',
    why: 'The first pages of memory are never mapped: the access stops the machine.',
    mend: 'Check every result of an allocation and every pointer that may be NULL before it is used.',
  },
  {
    name: 'InvalidPointer',
    level: 'break',
    meaning: 'An address was touched where there is no memory of the driver.',
    why: 'A page fault in the kernel stops the machine.',
    mend: 'Use only addresses that an allocation or a callback gave, and only while they are valid.',
  },
  {
    name: 'PoolTagMismatch',
    meaning: 'A block was freed with another tag than it was allocated with.',
    why: 'With the verifier Windows stops; without it the accounting by tag becomes wrong.',
    mend: 'Use one constant for the tag in both calls.',
  },
  {
    name: 'PoolFlags',
    meaning: 'The flags of an allocation name no pool, or several.',
    why: 'The call gives NULL.',
    mend: 'Pass exactly one of POOL_FLAG_NON_PAGED, POOL_FLAG_NON_PAGED_EXECUTE and POOL_FLAG_PAGED.',
  },
  {
    name: 'FreeWithActiveLookaside',
    level: 'break',
    meaning: 'Memory was freed that holds a lookaside list which is not deleted.',
    why: 'The system keeps the list in one of its own and walks into freed memory; its blocks are lost.',
    mend: 'Call NdisDeleteNPagedLookasideList or its relative first.',
  },
  {
    name: 'LookasideBlockTooSmall',
    meaning: 'A lookaside list was made for blocks smaller than the link that a waiting block holds.',
    why: 'A block in the list is written past its end.',
    mend: 'Ask for at least the size of a list entry.',
  },
  {
    name: 'LookasideEntriesOut',
    meaning: 'A lookaside list was deleted while blocks of it are still in use.',
    why: 'Nothing can take them back: they leak, or go back to a list that is gone.',
    mend: 'Give all blocks back before the list is deleted.',
  },
  {
    name: 'LookasideReinit',
    meaning: 'A lookaside list was initialized a second time.',
    why: "The blocks that wait in it are lost, and the list is in the system's list twice.",
    mend: 'Initialize it once, or delete it before.',
  },
  {
    name: 'LookasideUninitialized',
    meaning: 'A lookaside call was given an address where there is no list.',
    why: 'It allocates through function pointers that are garbage.',
    mend: 'Initialize the list first, and use it no more after it is deleted.',
  },
  {
    name: 'LookasideWrongList',
    meaning: 'A block was given back to another lookaside list than it came from.',
    why: 'The next one to take it gets a block of the wrong size.',
    mend: 'Give each block back to its own list.',
  },
  {
    name: 'ListEntryInUse',
    level: 'break',
    meaning: 'An entry was inserted into a list while it is in one already.',
    why: 'The links of both lists are tied together: entries vanish, or a walk never ends.',
    mend: 'Remove an entry before it is inserted elsewhere; an entry has one link for one list.',
  },
  {
    name: 'ListUninitialized',
    meaning: 'A list head was used that was never initialized.',
    why: 'Its links are NULL, and the first insertion writes to address 0.',
    mend: 'Call InitializeListHead first.',
  },
  {
    name: 'BitmapIndex',
    meaning: 'A bit was named that the bitmap does not have.',
    why: 'Memory behind the bitmap is read or changed.',
    mend: 'Check the index against SizeOfBitMap.',
  },
  {
    name: 'ErrorLogValues',
    meaning: 'The number of values given to an error log call is not the number that was announced.',
    why: 'In C the call takes what lies on the stack for the rest, or leaves some out.',
    mend: 'Let the count agree with the arguments.',
  },
  {
    name: 'ASSERT',
    level: 'break',
    meaning: 'An assertion of the driver does not hold.',
    why: 'The driver goes on with a state that its author held to be impossible; in a checked build it stops here.',
    mend: 'Look at the condition and at how the state came about.',
  },
]
