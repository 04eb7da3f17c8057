import { app, session, type WebContents } from 'electron'

/** What a page needs in order to copy text by a button; nothing else is ever granted. */
const GRANTED = 'clipboard-sanitized-write'

/**
 * No page gets a permission, leaves its origin, opens a window or embeds another.
 *
 * @param origin the only one that pages come from.
 */
export function lockDown(origin: string): void {
  const isOurs = (url: string) => url === origin || url.startsWith(`${origin}/`)
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === GRANTED && isOurs(contents.getURL())),
  )
  defaultSession.setPermissionCheckHandler((_, permission, requester) => permission === GRANTED && isOurs(requester))
  defaultSession.setDevicePermissionHandler(() => false)
  app.on('web-contents-created', (_, contents) => confine(contents, isOurs))
}

function confine(contents: WebContents, isOurs: (url: string) => boolean): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (event) => {
    if (!isOurs(event.url)) event.preventDefault()
  })
  contents.on('will-redirect', (event) => {
    if (!isOurs(event.url)) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
}
