import { homedir } from 'node:os'
import path from 'node:path'

/**
 * Where settings and backups live, by the custom of each system; NDIS_WORKBENCH_HOME overrides it.
 *
 * @returns an absolute path; the folder need not exist yet.
 */
export function settingsFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (env.NDIS_WORKBENCH_HOME) return path.resolve(env.NDIS_WORKBENCH_HOME)
  if (platform === 'win32')
    return path.win32.join(env.APPDATA ?? path.win32.join(home, 'AppData', 'Roaming'), 'NDIS Workbench')
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Application Support', 'NDIS Workbench')
  // The XDG specification has relative paths ignored.
  const xdg = env.XDG_CONFIG_HOME
  return path.posix.join(xdg?.startsWith('/') ? xdg : path.posix.join(home, '.config'), 'ndis-workbench')
}
