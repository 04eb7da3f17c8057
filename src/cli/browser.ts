/**
 * How to open an address in the person's browser.
 *
 * @returns undefined where nobody would see it: in CI, over SSH, without a display.
 */
export function browserCommand(
  url: string,
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): { readonly program: string; readonly args: readonly string[] } | undefined {
  if (env.CI || env.SSH_CONNECTION) return undefined
  if (platform === 'darwin') return { program: 'open', args: [url] }
  if (platform === 'win32') return { program: 'rundll32', args: ['url.dll,FileProtocolHandler', url] }
  return env.DISPLAY || env.WAYLAND_DISPLAY ? { program: 'xdg-open', args: [url] } : undefined
}
