/** The columns of the list of frames, as many as there is room for. */
import type { Column } from '../components/VirtualTable.vue'
import type { TimeColumn } from './packet-text'

/** Pixels of the list from which on a column is shown. */
const ALL_FROM = 820
const LENGTH_FROM = 620

export function packetColumns(width: number, time: TimeColumn): readonly Column[] {
  return [
    { id: 'index', title: '#', width: '2.8rem', align: 'right' },
    { id: 'time', title: time === 'absolute' ? 'Time (s)' : 'Δ (s)', width: '7.2rem', align: 'right' },
    { id: 'way', title: '', width: '1.2rem' },
    ...(width >= ALL_FROM ? [{ id: 'nic', title: 'NIC', width: '3.6rem' }] : []),
    { id: 'source', title: 'Source', width: 'minmax(4.8rem, 1fr)' },
    { id: 'destination', title: 'Destination', width: 'minmax(4.8rem, 1fr)' },
    { id: 'protocol', title: 'Protocol', width: '4.2rem' },
    ...(width >= LENGTH_FROM
      ? [{ id: 'length', title: 'Length', width: '3.6rem', align: 'right' } satisfies Column]
      : []),
    { id: 'info', title: 'Info', width: 'minmax(9rem, 2.4fr)' },
  ]
}
