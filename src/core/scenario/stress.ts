import { TICKS_PER_MS } from '../clock/clock'
import { constant } from '../ndis/constants'
import type { AdapterControl } from '../ndis/adapters'
import { checkHardware, pass } from './gone'
import type { ScenarioRun } from './scenario'
import { feed, openTraffic, USUAL_FILTER, waitFor } from './traffic'
import type { TestProtocol } from './test-end'

const INTERNAL = constant('NDIS_PAUSE_NDIS_INTERNAL')
const STATISTICS = ['OID_GEN_XMIT_OK', 'OID_GEN_RCV_OK', 'OID_GEN_STATISTICS', 'OID_GEN_CURRENT_PACKET_FILTER'].map(
  constant,
)
const BIGGEST_ANSWER = 256
/** Longest time between two interferences: 200 microseconds. */
const LONGEST_QUIET = 2000

/** Something that happens to an adapter in the midst of its traffic. */
type Interference = (control: AdapterControl, protocol: TestProtocol, run: ScenarioRun) => void

const INTERFERENCES: readonly Interference[] = [
  (control, _protocol, { machine }) =>
    void control.query(STATISTICS[machine.kernel.random.below(STATISTICS.length)]!, BIGGEST_ANSWER),
  (_control, protocol) => void protocol.setFilter(USUAL_FILTER),
  (control, _protocol, { machine }) => {
    control.pause(INTERNAL)
    machine.driver.idle(machine.kernel.random.below(LONGEST_QUIET))
    control.restart()
    checkHardware(machine)
  },
  (control) => {
    if (control.checkForHang()) control.reset()
  },
  (control, _protocol, { machine }) => void (machine.kernel.random.below(4) === 0 && control.reset()),
]

/** Traffic from every CPU, and all that can happen to an adapter meanwhile, interleaved by the seed. */
export function stress(run: ScenarioRun): void {
  const { kernel } = run.machine
  const { random } = kernel
  const streams = openTraffic(run)
  for (const traffic of streams) feed(run.machine, traffic, run.frames, random.below(2) === 0)
  const over = (): boolean => streams.every((traffic) => traffic.sent >= run.frames && traffic.done)
  while (!over() && kernel.clock.now() < run.deadline) {
    pass(run.machine, 1 + random.below(LONGEST_QUIET))
    const protocol = run.ends.protocols[random.below(run.ends.protocols.length)]
    const control = protocol?.adapter.control
    if (!protocol || !control) break
    INTERFERENCES[random.below(INTERFERENCES.length)]!(control, protocol, run)
    if (streams.every((traffic) => traffic.sent >= run.frames)) break
  }
  waitFor(run, run.ends.protocols, over)
  pass(run.machine, TICKS_PER_MS * 1000)
}
