import type { ScenarioName } from '../core/scenario/names'

/** What each scenario does with the drivers of a session, for people. The compiler sees to it that none is missing. */
export const SCENARIOS: Readonly<Record<ScenarioName, string>> = {
  default: 'initialize, bind, let a second pass, halt, unload; no frame is sent',
  lifecycle: 'bind, a few frames, pause and restart, reset, every OID, power, PnP events, halt, unload',
  send: 'frames of all sizes go down from every CPU, and each is waited for',
  receive: 'frames of all sizes and addresses arrive',
  echo: 'each frame that is sent must come back once, byte for byte',
  stress: 'sends, OIDs, pauses, resets and hang checks at once, as the seed has it',
  flood: 'the shortest frames as fast as the drivers take them, down and then up: for measuring',
  shutdown: 'a few frames, then the system shuts down: nothing is halted or unloaded',
}
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[]
/** Most frames of a scenario. */
export const MOST_FRAMES = 1_000_000
