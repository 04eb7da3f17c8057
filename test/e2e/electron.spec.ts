import { expect, it } from 'vitest'
import { electronFrontEnd, whyNoElectron } from './front-ends/electron'
import { describeSmoke } from './smoke.flow'

const reason = whyNoElectron()
if (reason === undefined) describeSmoke(electronFrontEnd)
// `npm test` prints what was not run; REQUIRE_ELECTRON=1 makes it a failure, for machines that are meant to have it.
else
  it.skipIf(process.env.REQUIRE_ELECTRON !== '1')(`Electron itself was not tested: ${reason}`, () =>
    expect.fail(reason),
  )
