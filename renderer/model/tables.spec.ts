import { expect, it } from 'vitest'
import { callables, structNames } from './tables'

const packet = { name: 'NDIS_PACKET', size: 56, pointerNames: ['PNDIS_PACKET'], visibility: 'ndis' }

it('reads the tables as a list or keyed by name', () => {
  const expected = [{ name: 'NDIS_PACKET', size: 56, pointerNames: ['PNDIS_PACKET'], system: false }]
  expect(structNames([packet])).toEqual(expected)
  expect(structNames({ NDIS_PACKET: packet })).toEqual(expected)
  expect(structNames(undefined)).toEqual([])
})

it('offers functions and macros for call breakpoints, callbacks not', () => {
  const table = [
    {
      name: 'NdisFreePacket',
      kind: 'function',
      category: 'free',
      params: [{ name: 'Packet' }],
      summary: 'Frees.',
      irql: null,
    },
    { name: 'MiniportHalt', kind: 'callback', category: 'miniport', params: [] },
  ]
  expect(callables(table)).toEqual([
    { name: 'NdisFreePacket', category: 'free', params: ['Packet'], summary: 'Frees.', irql: '', implemented: true },
  ])
})
