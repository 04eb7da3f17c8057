import { expect, it } from 'vitest'
import { electronFrontEnd, whyNoElectron } from './front-ends/electron'
import { describeHotExit } from './hot-exit.flow'
import { describeSmoke } from './smoke.flow'

const reason = whyNoElectron()
if (reason === undefined) {
  describeSmoke(electronFrontEnd)
  describeHotExit(electronFrontEnd)
} else {
  // `npm test` prints what was not run; REQUIRE_ELECTRON=1 makes it a failure, for machines that are meant to have it.
  const required = process.env.REQUIRE_ELECTRON === '1'
  it.skipIf(!required)(`Electron itself was not tested: ${reason}`, () => expect.fail(reason))
}
