import { cleanInEveryScenario } from './matrix'

cleanInEveryScenario('20-teaching-nic.ts', 50, { nics: ['teaching'] })
