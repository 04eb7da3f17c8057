import { TICK_NS, type Clock } from '../clock/clock'
import type { Cpus } from '../kernel/cpus'
import { irqlName } from '../kernel/irql'
import type { EventLog } from '../trace/log'
import type { Locator, Place } from '../verifier/verifier'
import type { BlockSink } from './block-sink'
import {
  commentText,
  interfaceDescription,
  interfaceStatistics,
  NO_COMMENT,
  packetBlockWords,
  sectionHeader,
  writePacketBlock,
  type CommentText,
  type PacketFacts,
} from './formats/pcapng-write'
import type { Frame } from './frame'
import type { FrameTap } from './tap'

/** What a capture asks the machine. */
export interface CaptureHost {
  readonly clock: Pick<Clock, 'now'>
  readonly locator: Pick<Locator, 'site'>
  readonly cpus: Pick<Cpus, 'current' | 'irql'>
  readonly log: Pick<EventLog, 'enabled' | 'index'>
}
/** A NIC, as the capture names it. */
export interface CapturedNic {
  readonly name: string
  readonly description: string
  /** Bits a second. */
  readonly speed: number
}
/** What is captured, and where it goes. */
export interface CaptureOptions {
  readonly sink: BlockSink
  /** Of the whole capture: what ran. */
  readonly comment: string
  /** One a slot. */
  readonly nics: readonly CapturedNic[]
}
export interface Capture extends FrameTap {
  /** Ends the capture with the statistics of each interface. `time` in ticks. */
  finish(time: number): void
}

const APPLICATION = 'NDIS Workbench'
/** Origins come from a few peers; should one count its frames in words, the cache does not grow with them. */
const MOST_ORIGINS = 1024
const IRQLS = 32
const CPUS = 8

const placeText = ({ api, function: name, file, line, column }: Place & { readonly api?: string }): string =>
  `${api ?? 'register access'} in ${name || 'driver'} at ${file}:${line}:${column}`

/** Comments, encoded once for each place, processor and IRQL. */
function createComments({ locator, cpus, log }: CaptureHost) {
  const calls = new Map<number, CommentText>()
  const origins = new Map<string, CommentText>()
  const senders = new Map<number, CommentText>()

  function encodeCall(site: number, cpu: number, irql: number): CommentText {
    const place = locator.site(site)
    if (!place) return NO_COMMENT
    const event = log.enabled ? ', event ' : ''
    return commentText(`${placeText(place)}, CPU ${cpu}, ${irqlName(irql)}${event}`)
  }
  /** The driver call that executes. The number of its event follows. */
  function call(site: number): CommentText {
    const cpu = cpus.current()
    const irql = cpus.irql()
    const key = (site * CPUS + cpu) * IRQLS + irql
    let comment = calls.get(key)
    if (!comment) calls.set(key, (comment = encodeCall(site, cpu, irql)))
    return comment
  }
  /** Who is at the other end. */
  function origin(name: string): CommentText {
    let comment = origins.get(name)
    if (comment) return comment
    if (origins.size === MOST_ORIGINS) origins.clear()
    origins.set(name, (comment = commentText(name)))
    return comment
  }
  /** The call of a driver at the other end. */
  function sender(site: number): CommentText {
    let comment = senders.get(site)
    if (comment) return comment
    const place = locator.site(site)
    senders.set(site, (comment = place ? commentText(`sent by ${placeText(place)}`) : NO_COMMENT))
    return comment
  }
  return { call, origin, sender }
}

/** Writes every frame that it hears to a sink, as the blocks of a pcapng file. Allocates nothing for a frame. */
export function createCapture(host: CaptureHost, { sink, comment, nics }: CaptureOptions): Capture {
  const { clock, log } = host
  const comments = createComments(host)
  const counts = nics.map(() => 0)
  const packet: PacketFacts = {
    interface: 0,
    timeNs: 0,
    outbound: false,
    intact: true,
    comment: NO_COMMENT,
    number: -1,
  }

  function writeBytes(block: Uint8Array): void {
    const view = new DataView(block.buffer, block.byteOffset, block.length)
    const at = sink.reserve(block.length / 4)
    for (let i = 0; i < block.length / 4; i++) sink.words[at + i] = view.getInt32(4 * i, true)
    sink.commit(clock.now() * TICK_NS)
  }
  function describe(frame: Frame, outbound: boolean, origin: string): void {
    packet.number = -1
    if (origin !== '') packet.comment = comments.origin(origin)
    else if (frame.site === 0) packet.comment = NO_COMMENT
    else if (!outbound) packet.comment = comments.sender(frame.site)
    else {
      packet.comment = comments.call(frame.site)
      if (log.enabled) packet.number = log.index() >>> 0
    }
  }

  writeBytes(sectionHeader({ application: APPLICATION, comment }))
  for (const nic of nics) writeBytes(interfaceDescription(nic))
  return {
    frame(nic, direction, time, frame, origin) {
      const outbound = direction === 'out'
      packet.interface = nic
      const now = clock.now() * TICK_NS
      // What arrives between two ticks is there at the second one; what leaves may have to wait for the line.
      packet.timeNs = outbound ? Math.max(now, Math.round(time * TICK_NS)) : now
      packet.outbound = outbound
      packet.intact = frame.intact
      describe(frame, outbound, origin)
      const size = packetBlockWords(frame.length, packet)
      const at = sink.reserve(size)
      writePacketBlock(sink.words, at, size, frame.words, frame.length, packet)
      sink.commit(now)
      counts[nic] = counts[nic]! + 1
    },
    finish(time) {
      counts.forEach((received, nic) =>
        writeBytes(
          interfaceStatistics({ interface: nic, startNs: 0, endNs: Math.round(time * TICK_NS), received, dropped: 0 }),
        ),
      )
    },
  }
}
