import type { Machine } from '../machine'
import { SYS_LINK, SYS_MACHINE } from '../memory/records'
import type { Adapter } from '../ndis/adapters'
import { ipv4Address } from '../wire/formats/ipv4'
import { UDP_PORT } from '../wire/formats/udp'
import type { LoopbackMiniport, Outside } from './test-end'

/** The host of the NIC in slot 0; those of the others follow. */
const FIRST_HOST = ipv4Address('10.0.0.10')
/** Port that test frames come from: of those that are nobody's. */
const OWN_PORT = 49_152

/** What is at the other ends of the adapters: the peer host of the wire, a loopback of the workbench, or the adapter itself. */
export function createOutside({ kernel, wiring }: Machine, loopbacks: readonly LoopbackMiniport[]) {
  const { r32 } = kernel.space

  function of(adapter: Adapter, own: Uint8Array): Outside {
    const { hardware } = adapter
    const slot = hardware?.slot ?? 0
    const host = FIRST_HOST + slot
    const ends = { source: own, from: host, fromPort: OWN_PORT, toPort: UDP_PORT.ECHO }
    if (hardware && wiring.has(slot)) {
      const { mac, ipv4 } = wiring.peer
      return {
        ends: { ...ends, destination: mac, to: ipv4 },
        loops: false,
        arrive: (frame) => wiring.inject(slot, frame),
        flood: (frame, count) => wiring.flood(slot, frame, count),
      }
    }
    const loopback = loopbacks.find((candidate) => candidate.adapter === adapter)
    return {
      ends: { ...ends, destination: own, to: host },
      loops: true,
      arrive: loopback && ((frame) => loopback.arrive(frame, frame.length)),
      flood: undefined,
    }
  }
  /** Frames that the link of a NIC lost or spoilt so far, both ways. */
  function lost(slot: number): number {
    let sum = 0
    for (let link = r32(kernel.machine + SYS_MACHINE.Links); link !== 0; link = r32(link + SYS_LINK.Next))
      if (r32(link + SYS_LINK.Slot) === slot)
        for (const counter of [SYS_LINK.OutLost, SYS_LINK.InLost, SYS_LINK.Corrupted]) sum += r32(link + counter)
    return sum
  }
  return { of, lost }
}
