import { cleanInEveryScenario } from './matrix'

/** Sessions of several drivers take longer, and each driver has a matrix of its own. */
const SEEDS = 4

cleanInEveryScenario('21-ping.ts', SEEDS, { nics: ['teaching'] })
cleanInEveryScenario('22-ping-ndis5.ts', SEEDS, { nics: ['82540EM'] })
cleanInEveryScenario('23-two-nics.ts', SEEDS, { nics: ['82540EM', 'teaching'], memoryBytes: 8 * 1024 * 1024 })
