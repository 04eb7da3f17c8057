import { TICKS_PER_MS } from '../clock/clock'
import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { ADDRESS_BYTES, PACKET_TYPE } from '../ndis/frame-filter'
import { constant } from '../ndis/constants'
import { reportOfScenario } from './report'
import type { ScenarioRun } from './scenario'
import type { TestProtocol } from './test-end'
import { LONGEST_FRAME, readTestFrame, SHORTEST_FRAME, writeTestFrame } from './test-frame'

const CURRENT_ADDRESS = constant('OID_802_3_CURRENT_ADDRESS')
/** A send must be complete in 30 seconds (SDV NdisTimedDataSend). */
export const SEND_TICKS = 30_000 * TICKS_PER_MS
const BROADCAST = new Uint8Array(ADDRESS_BYTES).fill(0xff)
const MULTICAST = Uint8Array.of(0x01, 0x00, 0x5e, 0x00, 0x00, 0x01)
const STRANGER = Uint8Array.of(0x02, 0, 0, 0, 0, 0x99)
export const USUAL_FILTER = PACKET_TYPE.DIRECTED | PACKET_TYPE.BROADCAST | PACKET_TYPE.MULTICAST
/** Frames of one burst. */
const BURST = 8
/** Longest pause between two bursts, ticks: 20 microseconds. */
const LONGEST_GAP = 200
/** Echoes may be this late after the last send is complete: a second. */
const ECHO_TICKS = 1000 * TICKS_PER_MS

/** Frames of one adapter: what was sent, what came back. */
export class Traffic {
  readonly #k: Kernel
  readonly #protocol: TestProtocol
  readonly #own: Uint8Array
  readonly #frame = new Uint8Array(LONGEST_FRAME)
  /** Length of each frame that must come back, by its sequence number; 0 once it did. */
  readonly #expected: number[] = []
  sent = 0
  completed = 0
  failed = 0
  returned = 0
  /** Frames that arrived and were not asked for. */
  others = 0

  constructor(k: Kernel, protocol: TestProtocol) {
    this.#k = k
    this.#protocol = protocol
    this.#own = ownAddress(protocol)
    protocol.receive = (bytes, length) => this.#receive(bytes, length)
  }
  get address(): Uint8Array {
    return this.#own
  }
  get done(): boolean {
    return this.completed + this.failed === this.sent
  }
  /** Frames to the NIC's own address that have not come back. */
  get missing(): number {
    return this.#expected.reduce((sum, length) => sum + (length > 0 ? 1 : 0), 0)
  }
  /** Sends a frame; to the NIC itself when `echo`, else to anybody. */
  send(echo: boolean): void {
    const { random } = this.#k
    const sequence = this.sent++
    const length = SHORTEST_FRAME + random.below(LONGEST_FRAME - SHORTEST_FRAME + 1)
    const to = echo ? this.#own : [this.#own, BROADCAST, MULTICAST, STRANGER][random.below(4)]!
    writeTestFrame(this.#frame, length, sequence, to, this.#own)
    this.#expected[sequence] = echo ? length : 0
    const accepted = this.#protocol.send(this.#frame, length, (status) => {
      if (status === 0) this.completed++
      else this.failed++
      // What was refused does not come back.
      if (status !== 0) this.#expected[sequence] = 0
    })
    if (!accepted) {
      this.sent--
      this.#expected.length = sequence
    }
  }
  #receive(bytes: Uint8Array, length: number): void {
    const read = readTestFrame(bytes, length)
    if (!read) return void this.others++
    const { sequence, wrongAt } = read
    if (wrongAt >= 0)
      return reportOfScenario(
        this.#k,
        'FrameDamaged',
        '',
        `Frame ${sequence} was received with a wrong byte at offset ${wrongAt} of ${length}.`,
      )
    const expected = this.#expected[sequence] ?? 0
    if (expected === 0) return void this.others++
    this.#expected[sequence] = 0
    this.returned++
    if (expected !== length)
      reportOfScenario(
        this.#k,
        'FrameDamaged',
        '',
        `Frame ${sequence} was sent with ${expected} bytes and received with ${length}.`,
      )
  }
}

/** The NIC's address, as a protocol asks for it. */
export function ownAddress(protocol: TestProtocol): Uint8Array {
  const outcome = protocol.adapter.control?.query(CURRENT_ADDRESS, ADDRESS_BYTES)
  return outcome?.status === 0 && outcome.data.length === ADDRESS_BYTES ? outcome.data : STRANGER
}

/** Sends bursts from the CPUs in turn until so many frames are sent; half of them at DISPATCH_LEVEL, as from a DPC. */
export function feed(k: Kernel, traffic: Traffic, frames: number, echo: boolean): void {
  let cpu = 0
  const burst = (): void => {
    for (let i = 0; i < BURST && traffic.sent < frames; i++) traffic.send(echo)
    if (traffic.sent < frames) k.clock.setAlarm(k.clock.now() + 1 + k.random.below(LONGEST_GAP), queue)
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

/** Lets everything run until `done`, or a send takes too long, or the scenario's time is over; what it was is reported. */
export function waitFor(run: ScenarioRun, protocols: readonly TestProtocol[], done: () => boolean): boolean {
  const { kernel } = run.machine
  const { clock, scheduler } = kernel
  const late = (): TestProtocol | undefined =>
    protocols.find((protocol) => clock.now() - (protocol.oldest() ?? clock.now()) >= SEND_TICKS)
  while (!done()) {
    const left = run.deadline - clock.now()
    const stuck = late()
    if (stuck) {
      const five = stuck.adapter.version < 0x6_0000
      reportOfScenario(
        kernel,
        'NdisTimedDataSend',
        five ? 'MiniportSendPackets' : 'MiniportSendNetBufferLists',
        `${stuck.outstanding().sent} sends were not completed in 30 seconds: ${stuck.adapter.friendlyName} never gave them back.`,
      )
      return false
    }
    if (left <= 0) {
      reportOfScenario(kernel, 'ScenarioTimeLimit', '', 'The scenario did not come to its end in its time.')
      return false
    }
    // Nothing moves any more, and time ran up to here: only a wait of another kind can end it.
    if (!scheduler.runUntil(done, Math.min(left, TICKS_PER_MS * 1000)) && clock.now() >= run.deadline) continue
  }
  return true
}

/** One stream of frames for each adapter. */
export const openTraffic = (run: ScenarioRun, filter = USUAL_FILTER): Traffic[] =>
  run.ends.protocols.map((protocol) => {
    protocol.setFilter(filter)
    return new Traffic(run.machine.kernel, protocol)
  })

/** The streams, when all that they sent is back; undefined, and reported, when something is not. */
function drive(run: ScenarioRun, echo: boolean): Traffic[] | undefined {
  const streams = openTraffic(run)
  for (const traffic of streams) feed(run.machine.kernel, traffic, run.frames, echo)
  const done = (): boolean => streams.every((traffic) => traffic.sent >= run.frames && traffic.done)
  return waitFor(run, run.ends.protocols, done) ? streams : undefined
}

export function send(run: ScenarioRun): void {
  drive(run, false)
  run.machine.driver.idle(ECHO_TICKS)
}

export function echo(run: ScenarioRun): void {
  const streams = drive(run, true)
  if (!streams) return
  const { kernel } = run.machine
  kernel.scheduler.runUntil(() => streams.every((traffic) => traffic.missing === 0), ECHO_TICKS)
  streams.forEach((traffic, index) => {
    if (traffic.missing > 0)
      reportOfScenario(
        kernel,
        'EchoMissing',
        '',
        `${traffic.missing} of ${run.frames} frames that ${run.ends.protocols[index]!.adapter.friendlyName} sent to itself did not come back: nothing loops them, or they were lost on the way.`,
      )
  })
}

/** Frames from outside where the workbench's own miniport is below; elsewhere what is sent comes back, if anything loops it. */
export function receive(run: ScenarioRun): void {
  const { kernel } = run.machine
  const { loopbacks, protocols } = run.ends
  if (loopbacks.length === 0) return send(run)
  const streams = openTraffic(run)
  const frame = new Uint8Array(LONGEST_FRAME)
  for (const loopback of loopbacks) {
    const own = streams[protocols.findIndex((protocol) => protocol.adapter === loopback.adapter)]?.address ?? STRANGER
    for (let sequence = 0; sequence < run.frames; sequence++) {
      const length = SHORTEST_FRAME + kernel.random.below(LONGEST_FRAME - SHORTEST_FRAME + 1)
      writeTestFrame(frame, length, sequence, [own, BROADCAST, MULTICAST, STRANGER][kernel.random.below(4)]!, STRANGER)
      loopback.arrive(frame.slice(0, length), length)
      run.machine.driver.idle(1 + kernel.random.below(LONGEST_GAP))
    }
  }
  run.machine.driver.idle(ECHO_TICKS)
}
