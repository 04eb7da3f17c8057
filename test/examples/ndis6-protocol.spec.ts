import { cleanInEveryScenario } from './matrix'

cleanInEveryScenario('12-ndis6-protocol.ts')
