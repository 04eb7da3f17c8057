import { cleanInEveryScenario } from './matrix'

cleanInEveryScenario('11-ndis6-miniport.ts')
