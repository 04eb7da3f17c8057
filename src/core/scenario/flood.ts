import { TICKS_PER_MS } from '../clock/clock'
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
  const { kernel, executive, pools, netBufferSide, mdls } = run.machine
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
    const half = (what: string, carryOut: () => number): void => {
      kernel.output(`flood: ${run.frames} frames are to be ${what} by ${adapter.friendlyName}\n`)
      const start = kernel.clock.now()
      const done = carryOut()
      const ms = (kernel.clock.now() - start) / TICKS_PER_MS
      kernel.output(`flood: ${done} frames were ${what} in ${ms.toFixed(3)} ms of virtual time\n`)
    }
    half('sent', () => {
      stream.send(run.frames)
      waitFor(run, run.ends.protocols, () => stream.completed >= run.frames)
      return stream.completed - stream.failed
    })
    writeTestFrame(frame, frame.length, 0, {
      ...outside.ends,
      destination: outside.ends.source,
      source: STRANGER,
      toPort: UDP_PORT.DISCARD,
    })
    if (outside.flood)
      half('received', () => {
        outside.flood?.(frame, run.frames)
        // What the NIC has no room for it drops, so that not all may come.
        let before = -1
        while (stream.received < run.frames && before < stream.received) {
          before = stream.received
          kernel.scheduler.runUntil(() => stream.received >= run.frames, QUIET_TICKS)
        }
        return stream.received
      })
    stream.close()
  }
  slots.free()
}
