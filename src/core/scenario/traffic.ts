import { TICKS_PER_MS } from '../clock/clock'
import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { ADDRESS_BYTES, PACKET_TYPE } from '../ndis/frame-filter'
import { constant } from '../ndis/constants'
import type { Machine } from '../machine'
import { BROADCAST } from '../wire/formats/ethernet'
import { UDP_PORT } from '../wire/formats/udp'
import { checkHardware, isGone, pass } from './gone'
import { reportOfScenario } from './report'
import type { ScenarioRun } from './scenario'
import type { Outside, TestProtocol } from './test-end'
import {
  isFrom,
  LONGEST_FRAME,
  reversed,
  sequenceOf,
  SHORTEST_FRAME,
  writeTestFrame,
  wrongByte,
  type TestEnds,
} from './test-frame'

const CURRENT_ADDRESS = constant('OID_802_3_CURRENT_ADDRESS')
/** A send must be complete in 30 seconds: a second later the verifier has told who has it, and there is no use in waiting. */
export const SEND_TICKS = 31_000 * TICKS_PER_MS
const MULTICAST = Uint8Array.of(0x01, 0x00, 0x5e, 0x00, 0x00, 0x01)
export const STRANGER = Uint8Array.of(0x02, 0, 0, 0, 0, 0x99)
export const USUAL_FILTER = PACKET_TYPE.DIRECTED | PACKET_TYPE.BROADCAST | PACKET_TYPE.MULTICAST
/** Frames of one burst. */
const BURST = 8
/** Longest pause between two bursts, ticks: 20 microseconds. */
const LONGEST_GAP = 200
/** So many bursts find no room, for about a millisecond, before the next ones are further apart: a hung NIC takes seconds to be found out. */
const FRUITLESS_BURSTS = 100
/** Pause between two bursts then, ticks: a millisecond. */
const HUNG_GAP = TICKS_PER_MS
/** Echoes may be this late after the last send is complete: a second. */
const ECHO_TICKS = 1000 * TICKS_PER_MS

/** Sends that may be out at a time: a driver's queue is no place to keep a whole run. */
const WINDOW = 64

/** Frames of one adapter: what was sent, what came back. */
export class Traffic {
  readonly #k: Kernel
  readonly #protocol: TestProtocol
  readonly #toEcho: TestEnds
  readonly #fromEcho: TestEnds
  readonly #toAnybody: readonly TestEnds[]
  readonly #frame = new Uint8Array(LONGEST_FRAME)
  /** Length of each frame that must come back, by its sequence number; 0 once it did. */
  readonly #expected: number[] = []
  /** Frames that an echoing host has not sent back. */
  missing = 0
  sent = 0
  completed = 0
  failed = 0
  returned = 0
  /** Frames that arrived and were not asked for. */
  others = 0

  constructor(k: Kernel, protocol: TestProtocol, outside: Outside) {
    this.#k = k
    this.#protocol = protocol
    const { ends } = outside
    this.#toEcho = ends
    this.#fromEcho = outside.loops ? ends : reversed(ends)
    this.#toAnybody = [ends.destination, BROADCAST, MULTICAST, STRANGER].map((destination) => ({
      ...ends,
      destination,
      toPort: UDP_PORT.DISCARD,
    }))
    protocol.receive = (bytes, length) => this.#receive(bytes, length)
  }
  get done(): boolean {
    return this.completed + this.failed === this.sent
  }
  /** No more may be sent before some are back. */
  get full(): boolean {
    return this.sent - this.completed - this.failed >= WINDOW
  }
  /** Sends a frame; to a host that sends it back when `echo`, else to anybody. */
  send(echo: boolean): void {
    const { random } = this.#k
    const sequence = this.sent++
    const length = SHORTEST_FRAME + random.below(LONGEST_FRAME - SHORTEST_FRAME + 1)
    writeTestFrame(this.#frame, length, sequence, echo ? this.#toEcho : this.#toAnybody[random.below(4)]!)
    this.#expect(sequence, echo ? length : 0)
    const accepted = this.#protocol.send(this.#frame, length, (status) => {
      if (status === 0) return void this.completed++
      this.failed++
      // What was refused does not come back.
      this.#expect(sequence, 0)
    })
    if (accepted) return
    this.sent--
    this.#expect(sequence, 0)
  }
  #expect(sequence: number, length: number): void {
    this.missing += Math.sign(length) - Math.sign(this.#expected[sequence] ?? 0)
    this.#expected[sequence] = length
  }
  #receive(bytes: Uint8Array, length: number): void {
    const sequence = sequenceOf(bytes, length)
    const wanted = this.#expected[sequence] ?? 0
    if (wanted === 0) return void this.others++
    const wrong = wanted === length ? wrongByte(bytes, length, sequence, this.#fromEcho) : -1
    const damaged = wanted !== length || wrong >= 0
    // What the other adapters of the session send to everybody has the same numbers.
    if (damaged && !isFrom(bytes, this.#fromEcho)) return void this.others++
    if (damaged)
      // A driver that hands it up is in the midst of its call.
      this.#k.verifier.violation(
        'FrameDamaged',
        '',
        wanted === length
          ? `Frame ${sequence} was received with a wrong byte at offset ${wrong} of ${length}.`
          : `Frame ${sequence} was sent with ${wanted} bytes and received with ${length}.`,
      )
    this.#expect(sequence, 0)
    this.returned++
  }
}

/** The NIC's address, as a protocol asks for it. */
export function ownAddress(protocol: TestProtocol): Uint8Array {
  const outcome = protocol.adapter.control?.query(CURRENT_ADDRESS, ADDRESS_BYTES)
  return outcome?.status === 0 && outcome.data.length === ADDRESS_BYTES ? outcome.data : STRANGER
}

/** Sends bursts from the CPUs in turn until so many frames are sent; half of them at DISPATCH_LEVEL, as from a DPC. */
export function feed(machine: Machine, traffic: Traffic, frames: number, echo: boolean): void {
  const { kernel: k } = machine
  let cpu = 0
  let fruitless = 0
  const burst = (): void => {
    if (isGone(machine)) return
    fruitless = traffic.full ? fruitless + 1 : 0
    for (let i = 0; i < BURST && traffic.sent < frames && !traffic.full; i++) traffic.send(echo)
    if (traffic.sent >= frames) return
    const gap = 1 + k.random.below(LONGEST_GAP)
    k.clock.setAlarm(k.clock.now() + (fruitless > FRUITLESS_BURSTS ? HUNG_GAP : gap), queue)
  }
  const queue = (): void => {
    cpu = (cpu + 1) % k.cpus.count
    const name = 'sends of the workbench'
    if (k.random.below(2) === 0)
      k.scheduler.queueDpc(cpu, { name, kind: ACTIVATION.DPC, irql: DISPATCH_LEVEL, run: burst })
    else k.scheduler.queueThread(cpu, { name, kind: ACTIVATION.THREAD, irql: PASSIVE_LEVEL, run: burst })
  }
  queue()
}

/** Lets everything run until `done`, or a send takes too long, or the scenario's time is over. */
export function waitFor(run: ScenarioRun, protocols: readonly TestProtocol[], done: () => boolean): boolean {
  const { kernel } = run.machine
  const { clock, scheduler } = kernel
  const late = (): boolean =>
    protocols.some((protocol) => clock.now() - (protocol.oldest() ?? clock.now()) >= SEND_TICKS)
  const settled = (): boolean => done() || isGone(run.machine)
  while (!done()) {
    checkHardware(run.machine)
    const left = run.deadline - clock.now()
    if (late()) return false
    if (left <= 0) {
      reportOfScenario(kernel, 'ScenarioTimeLimit', '', 'The scenario did not come to its end in its time.')
      return false
    }
    // Nothing moves any more, and time ran up to here: only a wait of another kind can end it.
    if (!scheduler.runUntil(settled, Math.min(left, TICKS_PER_MS * 1000)) && clock.now() >= run.deadline) continue
  }
  return true
}

/** One stream of frames for each adapter. */
export const openTraffic = (run: ScenarioRun, filter = USUAL_FILTER): Traffic[] =>
  run.ends.protocols.map((protocol) => {
    protocol.setFilter(filter)
    return new Traffic(run.machine.kernel, protocol, run.ends.outside(protocol, ownAddress(protocol)))
  })

/** The streams, when all that they sent is back; undefined, and reported, when something is not. */
function drive(run: ScenarioRun, echo: boolean): Traffic[] | undefined {
  const streams = openTraffic(run)
  for (const traffic of streams) feed(run.machine, traffic, run.frames, echo)
  const done = (): boolean => streams.every((traffic) => traffic.sent >= run.frames && traffic.done)
  return waitFor(run, run.ends.protocols, done) ? streams : undefined
}

export function send(run: ScenarioRun): void {
  drive(run, false)
  pass(run.machine, ECHO_TICKS)
}

export function echo(run: ScenarioRun): void {
  const streams = drive(run, true)
  if (!streams) return
  const { kernel } = run.machine
  const back = (): boolean => streams.every((traffic) => traffic.missing === 0)
  kernel.scheduler.runUntil(() => back() || isGone(run.machine), ECHO_TICKS)
  checkHardware(run.machine)
  streams.forEach((traffic, index) => {
    const { adapter } = run.ends.protocols[index]!
    // What the wire lost cannot come back; whatever else is missing the drivers lost.
    const onTheWay = run.ends.lostOnTheWay(adapter)
    const lost = traffic.missing - onTheWay
    if (onTheWay > 0)
      kernel.output(
        `echo: ${traffic.completed} frames of ${adapter.friendlyName} were sent, ${traffic.returned} came back; the wire lost or spoilt ${onTheWay}\n`,
      )
    if (lost > 0)
      reportOfScenario(
        kernel,
        'EchoMissing',
        '',
        `${lost} of ${run.frames} frames that ${adapter.friendlyName} sent did not come back: nothing echoes them, or a driver lost them.`,
      )
  })
}

/** Frames from outside where there is one; elsewhere what is sent comes back, if anything loops it. */
export function receive(run: ScenarioRun): void {
  const { kernel } = run.machine
  const { protocols, outside } = run.ends
  const sources = protocols.map((protocol) => outside(protocol, ownAddress(protocol)))
  if (sources.every(({ arrive }) => !arrive)) return send(run)
  openTraffic(run)
  const frame = new Uint8Array(LONGEST_FRAME)
  for (const { arrive, ends } of sources) {
    if (!arrive) continue
    for (let sequence = 0; sequence < run.frames; sequence++) {
      const length = SHORTEST_FRAME + kernel.random.below(LONGEST_FRAME - SHORTEST_FRAME + 1)
      const destination = [ends.source, BROADCAST, MULTICAST, STRANGER][kernel.random.below(4)]!
      writeTestFrame(frame, length, sequence, { ...reversed(ends), destination, source: STRANGER })
      arrive(frame.slice(0, length))
      pass(run.machine, 1 + kernel.random.below(LONGEST_GAP))
    }
  }
  pass(run.machine, ECHO_TICKS)
}
