import { cleanInEveryScenario } from './matrix'

cleanInEveryScenario('13-ndis6-filter.ts')
