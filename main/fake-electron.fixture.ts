import { EventEmitter } from 'node:events'

type Listener = (...args: never[]) => unknown

/** Just what the specs of main/ look at; the end-to-end tests run the whole bundle against a fuller stand-in. */
export const handlers = new Map<string, Listener | null>()

const keep = (name: string) => (handler: Listener | null) => handlers.set(name, handler)

export const session = {
  defaultSession: {
    setPermissionRequestHandler: keep('permission request'),
    setPermissionCheckHandler: keep('permission check'),
    setDevicePermissionHandler: keep('device'),
  },
}
export const app = new EventEmitter()
export const ipcMain = {
  handle: (channel: string, handler: Listener) => handlers.set(channel, handler),
  removeHandler: (channel: string) => handlers.delete(channel),
}
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] }
export const Menu = { buildFromTemplate: (template: unknown) => template }
export const protocol = {
  registerSchemesAsPrivileged: keep('schemes') as unknown as (schemes: unknown) => void,
  handle: (scheme: string, handler: Listener) => handlers.set(scheme, handler),
}

/** The handler that main has registered, to be called as Electron would. */
export function handler(name: string): (...args: unknown[]) => unknown {
  const found = handlers.get(name)
  if (!found) throw new Error(`main has set no handler '${name}'`)
  return found as (...args: unknown[]) => unknown
}
