import { standInFrontEnd } from './front-ends/stand-in'
import { describeHotExit } from './hot-exit.flow'
import { describeSmoke } from './smoke.flow'

describeSmoke(standInFrontEnd)
describeHotExit(standInFrontEnd)
