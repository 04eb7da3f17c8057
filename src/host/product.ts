import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Where the parts of the built product lie. All paths are absolute. */
export interface Product {
  readonly root: string
  readonly version: string
  /** Starts by URL (DESIGN section 1); a real file, never inside an archive, so that worker_threads can load it. */
  readonly engineWorker: URL
  /** ndis.d.ts, api.json, structs.json, nics.json, rules.json. */
  readonly data: string
  readonly examples: string
  /** The page: index.html and its assets. */
  readonly page: string
}

const NAME = 'ndis-workbench'

/**
 * Finds the product from any module of it, bundled or not: the next folder upwards with our package.json.
 *
 * @param moduleUrl `import.meta.url` of the caller.
 * @throws Error when there is none: the installation is incomplete.
 */
export function findProduct(moduleUrl: string): Product {
  for (let folder = path.dirname(fileURLToPath(moduleUrl)); ; folder = path.dirname(folder)) {
    const manifest = readManifest(path.join(folder, 'package.json'))
    if (manifest?.name === NAME) return productIn(folder, manifest.version)
    if (folder === path.dirname(folder)) throw new Error(`the package.json of ${NAME} is missing: install it again`)
  }
}

function productIn(root: string, version: string): Product {
  // electron-builder keeps what must be a real file beside the archive (asarUnpack in electron-builder.yml).
  const unpacked = root.replace(/app\.asar$/, 'app.asar.unpacked')
  return {
    root,
    version,
    engineWorker: pathToFileURL(path.join(unpacked, 'out/node/engine-worker.js')),
    data: path.join(unpacked, 'out/data'),
    examples: path.join(unpacked, 'examples'),
    page: path.join(root, 'out/renderer'),
  }
}

function readManifest(file: string): { name: string; version: string } | undefined {
  if (!existsSync(file)) return undefined
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof manifest !== 'object' || manifest === null) return undefined
  const { name, version } = manifest as Record<string, unknown>
  return typeof name === 'string' && typeof version === 'string' ? { name, version } : undefined
}
