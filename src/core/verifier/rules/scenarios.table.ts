/** What a scenario measures. */
import type { Rule } from './types'

export const SCENARIO_RULES: readonly Rule[] = [
  {
    name: 'EchoMissing',
    meaning: 'Frames that were sent did not come back in an echo scenario.',
    why: 'A driver of the stack lost them, or nothing echoes them.',
    mend: 'Follow one frame in the trace, from the send to the place where it stays.',
  },
  {
    name: 'FrameDamaged',
    meaning: 'A frame was received that is not what was sent.',
    why: 'Applications get wrong data when no checksum notices.',
    mend: 'Look at lengths, offsets and fragments of the frame on its way through the driver.',
  },
  {
    name: 'OidBytesNeeded',
    meaning: 'A query with too small a buffer was refused, and BytesNeeded was not set.',
    why: 'The caller does not know how much room to provide.',
    mend: 'Set BytesNeeded whenever the buffer is refused.',
  },
  {
    name: 'OidUnknown',
    meaning: 'An OID that nobody has was answered with another status than that it is not supported.',
    why: 'The system believes that the miniport has what it has not.',
    mend: 'Answer NDIS_STATUS_NOT_SUPPORTED (NDIS_STATUS_INVALID_OID) by default.',
  },
  {
    name: 'ScenarioTimeLimit',
    meaning: 'The scenario did not come to its end in its time.',
    why: 'Something in the stack hangs.',
    mend: 'Look in the trace for the last thing that was begun and not ended.',
  },
]
