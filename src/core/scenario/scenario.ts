import { TICKS_PER_MS } from '../clock/clock'
import type { Machine } from '../machine'
import { createEnds, type Ends } from './ends'
import { flood } from './flood'
import { checkHardware, HardwareGone, isGone, pass, tellRemoved } from './gone'
import { lifecycle, shutDown } from './lifecycle'
import type { ScenarioName } from './names'
import { stress } from './stress'
import { echo, receive, send } from './traffic'

/** A scenario at work: what it drives, and how far it may go. */
export interface ScenarioRun {
  readonly machine: Machine
  readonly ends: Ends
  /** Frames to send or receive at each adapter. */
  readonly frames: number
  /** Virtual time at which it gives up, ticks. */
  readonly deadline: number
}

export interface Scenario {
  /** Frames when nobody says how many. */
  readonly frames: number
  readonly run: (run: ScenarioRun) => void
  /** The system stops with it: no driver is unloaded. */
  readonly final?: boolean
}

/** How long a driver lives by itself: one second of virtual time. */
const LIFE_TICKS = 1000 * TICKS_PER_MS
/** What a scenario may take beside its frames: two minutes of virtual time, and a millisecond a frame. */
const LIMIT_TICKS = 120_000 * TICKS_PER_MS
const FRAME_TICKS = TICKS_PER_MS

const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  default: {
    frames: 0,
    run: ({ machine }) => pass(machine, LIFE_TICKS),
  },
  lifecycle: {
    frames: 8,
    run: lifecycle,
  },
  send: { frames: 256, run: send },
  receive: { frames: 256, run: receive },
  echo: { frames: 256, run: echo },
  stress: {
    frames: 512,
    run: stress,
  },
  flood: { frames: 4096, run: flood },
  shutdown: {
    frames: 8,
    run: shutDown,
    final: true,
  },
}
export const isScenario = (name: string): name is ScenarioName => Object.hasOwn(SCENARIOS, name)

/** Runs it to its end, or to the removal of the hardware, which the drivers hear of then. */
function untilGone(machine: Machine, run: () => void): void {
  try {
    checkHardware(machine)
    run()
    checkHardware(machine)
  } catch (thrown) {
    if (!(thrown instanceof HardwareGone)) throw thrown
    tellRemoved(machine)
  }
}

/**
 * Starts the drivers that are loaded, drives them through a scenario and unloads them. `frames` 0: as many as the scenario
 * says. false when the system stopped with the scenario, so that nothing can have leaked.
 */
export function runScenario(machine: Machine, name: ScenarioName, frames: number): boolean {
  const scenario = SCENARIOS[name]
  const count = frames > 0 ? frames : scenario.frames
  machine.driver.start()
  const ends = createEnds(machine)
  const deadline = machine.kernel.clock.now() + LIMIT_TICKS + count * FRAME_TICKS
  const { injection } = machine.wiring
  injection.begin()
  untilGone(machine, () => {
    scenario.run({ machine, ends, frames: count, deadline })
    while (injection.left() > 0) pass(machine, LIFE_TICKS)
  })
  if (scenario.final && !isGone(machine)) return false
  ends.remove()
  machine.driver.unload()
  return true
}
