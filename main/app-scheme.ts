import { protocol } from 'electron'
import { PAGE_HEADERS } from '../src/host/content-security-policy'
import { readPageFile } from '../src/host/page-files'

const SCHEME = 'app'
const HOST = 'workbench'
export const APP_ORIGIN = `${SCHEME}://${HOST}`

/** Before the app is ready: makes app:// a standard, secure scheme, so that the page has an origin of its own. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** @param page absolute path of the built page, the only folder that the scheme gives files from. */
export function serveAppScheme(page: string): void {
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url)
    const file = url.host === HOST && request.method === 'GET' ? await readPageFile(page, url.pathname) : undefined
    if (!file) return new Response('Not Found\n', { status: 404, headers: PAGE_HEADERS })
    return new Response(new Uint8Array(file.bytes), { headers: { ...PAGE_HEADERS, 'Content-Type': file.type } })
  })
}
