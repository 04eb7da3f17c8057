import { cleanInEveryScenario } from './matrix'

cleanInEveryScenario('15-ndis5-miniport.ts')
