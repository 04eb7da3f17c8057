import type { CallSite } from '../shared/engine'
import { readModule, type ModuleContext, type ModuleSource } from './module-source'

interface Remembered {
  readonly source: string
  readonly values: ModuleContext['values']
  readonly types: ModuleContext['types']
  /** Number of its first call site: it stands in the text that is evaluated. */
  readonly first: number
  readonly sites: readonly CallSite[]
  readonly module: ModuleSource
}

/** The last text of each file: a campaign runs the same driver thousands of times in one thread. */
const remembered = new Map<string, Remembered>()
/** Files that are remembered; the one that came first goes. */
const MOST = 256

/** readModule, which is asked once for the same text in the same place of a program. Throws LoadError. */
export function readModuleOnce(source: string, context: ModuleContext): ModuleSource {
  const { path, sites, values, types, breakpoints } = context
  // They change the text, and belong to a session with one run.
  if (breakpoints.length > 0) return readModule(source, context)
  const first = sites.length
  const known = remembered.get(path)
  if (known?.first === first && known.values === values && known.types === types && known.source === source) {
    sites.push(...known.sites)
    return known.module
  }
  const module = readModule(source, context)
  remembered.delete(path)
  remembered.set(path, { source, values, types, first, sites: sites.slice(first), module })
  if (remembered.size > MOST) remembered.delete(remembered.keys().next().value!)
  return module
}
