import { readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import { isInside } from './workbench/workspace'

export interface PageFile {
  readonly bytes: Buffer
  readonly type: string
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
}

/**
 * A file of the built page by the path of its URL; '/' is index.html.
 *
 * @param folder absolute path of the built page.
 * @param urlPath as in the request, still percent-encoded.
 * @returns undefined when there is no such file; nothing outside of the folder is ever read, nor through links.
 */
export async function readPageFile(folder: string, urlPath: string): Promise<PageFile | undefined> {
  const name = decodePath(urlPath)
  if (name === undefined) return undefined
  const type = TYPES[path.extname(name)]
  if (type === undefined) return undefined
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(path.join(folder, name))])
    return isInside(root, file) ? { bytes: await readFile(file), type } : undefined
  } catch {
    return undefined
  }
}

function decodePath(urlPath: string): string | undefined {
  try {
    const name = decodeURIComponent(urlPath)
    // A backslash separates folders on Windows, a colon names a drive or a stream.
    if (/[\0\\:]/.test(name) || name.split('/').includes('..')) return undefined
    return name === '' || name === '/' ? 'index.html' : name
  } catch {
    return undefined
  }
}
