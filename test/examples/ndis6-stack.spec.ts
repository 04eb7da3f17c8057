import { cleanInEveryScenario } from './matrix'

cleanInEveryScenario('14-ndis6-stack.ts')
