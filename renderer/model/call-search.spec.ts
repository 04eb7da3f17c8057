import { expect, it } from 'vitest'
import { createCallSearch } from './call-search'

const choice = (name: string, category: string, implemented = true) => ({ name, category, summary: '', implemented })
const search = createCallSearch([
  choice('category:allocate', 'all of a kind'),
  choice('ExAllocatePoolWithTag', 'allocate', false),
  choice('IoAllocateMdl', 'allocate', false),
  choice('KeInitializeMutex', 'allocate', false),
  choice('NdisAllocatePacket', 'allocate'),
  choice('NdisDprAllocatePacketNonInterlocked', 'allocate'),
  choice('NdisFreePacket', 'free'),
])
const names = (query: string) => search(query).map((found) => found.name)

it('puts functions whose name fits, and that can run, first', () => {
  expect(names('alloc').slice(0, 3)).toEqual([
    'category:allocate',
    'NdisAllocatePacket',
    'NdisDprAllocatePacketNonInterlocked',
  ])
  expect(names('alloc').at(-1)).toBe('KeInitializeMutex')
  expect(names('dprnon')).toEqual(['NdisDprAllocatePacketNonInterlocked'])
})

it('takes any wildcard as it is written', () => {
  expect(names('Ndis*Packet')).toEqual(['Ndis*Packet'])
})

it('lists everything while nothing is typed', () => {
  expect(names('')).toHaveLength(7)
})
