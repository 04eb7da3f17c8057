import { serveFrontEnd } from './front-ends/serve'
import { describeSmoke } from './smoke.flow'

describeSmoke(serveFrontEnd)
