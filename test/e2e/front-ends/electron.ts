import { _electron } from 'playwright-core'
import { findElectron, hasDisplay } from '../../../scripts/electron.mjs'
import { newSettings, root, watchProblems, type FrontEnd } from './workbench-app'

/** Why real Electron cannot run here; undefined where it can. */
export function whyNoElectron(): string | undefined {
  if (!findElectron()) return "Electron's runtime is not installed (npx install-electron)"
  return hasDisplay() ? undefined : 'there is no display'
}

/** Electron itself. */
export const electronFrontEnd: FrontEnd = {
  name: 'Electron',
  async open({ settings: given } = {}) {
    const executablePath = findElectron()
    if (!executablePath) throw new Error(whyNoElectron())
    const settings = given ?? (await newSettings())
    const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
    const app = await _electron.launch({
      executablePath,
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root],
      env: { ...(env as Record<string, string>), NDIS_WORKBENCH_HOME: settings },
    })
    const page = await app.firstWindow()
    const problems = watchProblems(page)
    await page.reload()
    return {
      page,
      problems,
      settings,
      kill: () =>
        new Promise((resolve) => {
          app.process().once('exit', () => resolve())
          app.process().kill('SIGKILL')
        }),
      close: () => app.close(),
    }
  },
}
