import { standInFrontEnd } from './front-ends/stand-in'
import { describeSmoke } from './smoke.flow'

describeSmoke(standInFrontEnd)
