/** Names of the bindings between the page and this process. */
export const INVOKE = '__standInInvoke'
export const DELIVER = '__standInDeliver'

/** Runs in the page before its own scripts, around the text of the preload bundle. Must stand alone: it is sent as text. */
function preloadWorld(
  run: (require: (name: string) => unknown, module: object, exports: object) => void,
  names: string[],
) {
  const [invokeName = '', deliverName = ''] = names
  const world = globalThis as unknown as Record<string, unknown>
  const invoke = world[invokeName] as (channel: string, args: string) => Promise<string>
  const listeners = new Map<string, Set<(...args: unknown[]) => void>>()
  const listenersOf = (channel: string) => {
    const found = listeners.get(channel) ?? new Set()
    listeners.set(channel, found)
    return found
  }
  const ipcRenderer = {
    invoke: async (channel: string, ...args: unknown[]) =>
      JSON.parse(await invoke(channel, JSON.stringify(args))) as unknown,
    on: (channel: string, listener: (...args: unknown[]) => void) => void listenersOf(channel).add(listener),
    off: (channel: string, listener: (...args: unknown[]) => void) => void listenersOf(channel).delete(listener),
  }
  /** What crosses the bridge: clones of data, wrapped functions, of an Error the message alone. */
  const cross = (value: unknown): unknown => {
    if (typeof value === 'function') return wrap(value as (...args: unknown[]) => unknown)
    if (value instanceof Error) return new Error(value.message)
    if (value instanceof Promise) return value.then(cross, (reason: unknown) => Promise.reject(cross(reason) as Error))
    if (Array.isArray(value)) return value.map(cross)
    if (typeof value !== 'object' || value === null) return value
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cross(member)])))
  }
  const wrap =
    (target: (...args: unknown[]) => unknown) =>
    (...args: unknown[]) =>
      cross(target(...args.map(cross)))
  const contextBridge = {
    exposeInMainWorld: (name: string, api: unknown) =>
      Object.defineProperty(world, name, { value: cross(api), configurable: false, writable: false }),
  }
  world[deliverName] = (channel: string, body: string) => {
    for (const listener of [...listenersOf(channel)]) listener({}, JSON.parse(body))
  }
  const require = (name: string) => {
    if (name === 'electron') return { contextBridge, ipcRenderer }
    throw new Error(`a sandboxed preload cannot require '${name}'`)
  }
  run(require, { exports: {} }, {})
}

/** The script to run in each new document of the page; in its main frame only, as Electron does by default. */
export function preloadScript(preload: string): string {
  const names = JSON.stringify([INVOKE, DELIVER])
  return `if (window === window.top) (${preloadWorld.toString()})((require, module, exports) => { ${preload}\n }, ${names})`
}
