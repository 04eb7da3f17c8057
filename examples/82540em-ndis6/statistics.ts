/** The NIC's counters. They clear when they are read, so that the driver adds up what it reads. */
import { read, type Adapter } from './adapter'
import { COUNTERS, type Statistics } from './counters'

/** These have 64 bits: the low word is read first, reading the high one clears both. */
const OCTETS_RECEIVED = 0x4088
const OCTETS_SENT = 0x4090
const TWO_TO_32 = 0x1_0000_0000
const NAMES = Object.keys(COUNTERS) as (keyof typeof COUNTERS)[]

const read64 = (adapter: Adapter, register: number): number => {
  const low = read(adapter, register)
  return low + TWO_TO_32 * read(adapter, register + 4)
}

/** Adds what the NIC has counted since. With ReceiveLock held, before a reset of the NIC clears its counters. */
export function harvest(adapter: Adapter): Statistics {
  const { Statistics } = adapter
  for (const name of NAMES) Statistics[name] += read(adapter, COUNTERS[name])
  Statistics.OctetsReceived += read64(adapter, OCTETS_RECEIVED)
  Statistics.OctetsSent += read64(adapter, OCTETS_SENT)
  return Statistics
}
