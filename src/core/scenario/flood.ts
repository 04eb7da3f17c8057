import { SHORTEST_FRAME } from '../wire/formats/ethernet'
import { UDP_PORT } from '../wire/formats/udp'
import { createFlood6 } from './flood6'
import { createFrameSlots6 } from './frame-slots6'
import type { ScenarioRun } from './scenario'
import { writeTestFrame } from './test-frame'
import { ownAddress, receive, send, STRANGER, USUAL_FILTER, waitFor } from './traffic'

/** Longest time without a frame, ticks: a second. */
const QUIET_TICKS = 10_000_000

/**
 * The shortest frames as fast as the drivers take them: `frames` down, then as many from outside. Frames are not looked at, so
 * that what is measured is the drivers and NDIS. Adapters of NDIS 5 send and receive as in the scenarios of that name.
 */
export function flood(run: ScenarioRun): void {
  const { kernel, executive, pools, netBufferSide, mdls, driver } = run.machine
  const { ndis6 } = executive.network
  const protocols = run.ends.protocols.filter(({ adapter }) => ndis6.of(adapter))
  if (protocols.length < run.ends.protocols.length) {
    send(run)
    receive(run)
  }
  const slots = createFrameSlots6(kernel, { pools, blocks: netBufferSide.blocks, mdls, records: ndis6.records })
  for (const protocol of protocols) {
    const { adapter } = protocol
    const outside = run.ends.outside(protocol, ownAddress(protocol))
    const frame = new Uint8Array(SHORTEST_FRAME)
    const stack = ndis6.of(adapter)!
    writeTestFrame(frame, frame.length, 0, { ...outside.ends, destination: STRANGER, toPort: UDP_PORT.DISCARD })
    const stream = createFlood6(kernel, { ndis: ndis6, slots, stack, filter: USUAL_FILTER }, frame)
    if (!stream) continue
    stream.send(run.frames)
    waitFor(run, run.ends.protocols, () => stream.completed >= run.frames)
    writeTestFrame(frame, frame.length, 0, {
      ...outside.ends,
      destination: outside.ends.source,
      source: STRANGER,
      toPort: UDP_PORT.DISCARD,
    })
    outside.flood?.(frame, run.frames)
    let before = -1
    while (outside.flood && stream.received < run.frames && before < stream.received) {
      before = stream.received
      driver.idle(Math.min(QUIET_TICKS, 100 * run.frames))
    }
    stream.close()
  }
  slots.free()
}
