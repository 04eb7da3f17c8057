import { cleanInEveryScenario } from './matrix'

cleanInEveryScenario('16-ndis5-protocol.ts', 12)
cleanInEveryScenario('17-ndis5-stack.ts', 12)
