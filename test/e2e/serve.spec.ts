import { describeBugchecks } from './bugcheck.flow'
import { describeConfiguration } from './configuration.flow'
import { describeDebugging } from './debug.flow'
import { serveFrontEnd } from './front-ends/serve'
import { describeHotExit } from './hot-exit.flow'
import { describeLooking } from './looking.flow'
import { describeNic } from './nic.flow'
import { describePackets } from './packets.flow'
import { describeProblems } from './problems.flow'
import { describeSmoke } from './smoke.flow'
import { describeStack } from './stack.flow'
import { describeTrials } from './trials.flow'

describeSmoke(serveFrontEnd)
describeHotExit(serveFrontEnd)
describeDebugging(serveFrontEnd)
describeLooking(serveFrontEnd)
describeConfiguration(serveFrontEnd)
describeStack(serveFrontEnd)
describeNic(serveFrontEnd)
describePackets(serveFrontEnd)
describeProblems(serveFrontEnd)
describeTrials(serveFrontEnd)
describeBugchecks(serveFrontEnd)
