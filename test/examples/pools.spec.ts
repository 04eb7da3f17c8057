import { SCENARIO_NAMES } from '../../src/shared/scenarios'
import { cleanInEveryScenario } from './matrix'

/** They bring no adapter: scenarios do little with them. */
const SEEDS = 5

cleanInEveryScenario('01-packet-pool.ts', SEEDS)
cleanInEveryScenario('02-dpr-noninterlocked.ts', SEEDS)
cleanInEveryScenario('03-buffers.ts', SEEDS)
cleanInEveryScenario('04-net-buffer-pool.ts', SEEDS)
cleanInEveryScenario('05-spin-lock.ts', SEEDS)
// Its NIC sends and nothing comes back.
const silent = SCENARIO_NAMES.filter((name) => name !== 'echo')
cleanInEveryScenario('10-configuration.ts', SEEDS, {}, silent)
