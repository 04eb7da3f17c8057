/** The columns of the list of frames, as many as there is room for. */
import type { Column } from '../components/VirtualTable.vue'
import { count } from './format'
import type { TimeColumn } from './packet-text'

/** Pixels of the list from which on a column is shown. */
const ALL_FROM = 820
const LENGTH_FROM = 620

/** Rem that a digit takes, and what is left beside it. */
const DIGIT_REM = 0.6
const LEAST_REM = 1.4

/** @param total frames of the capture: the largest number has to fit */
export function packetColumns(width: number, time: TimeColumn, total: number): readonly Column[] {
  return [
    {
      id: 'index',
      title: '#',
      width: `${(LEAST_REM + DIGIT_REM * count(total).length).toFixed(1)}rem`,
      align: 'right',
    },
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
