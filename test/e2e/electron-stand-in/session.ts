type Handler = (...args: never[]) => unknown

/** Keeps the handlers; what they answer is asserted in main/lock-down.spec.ts. */
class Session {
  readonly handlers = new Map<string, Handler | null>()
  setPermissionRequestHandler(handler: Handler | null): void {
    this.handlers.set('request', handler)
  }
  setPermissionCheckHandler(handler: Handler | null): void {
    this.handlers.set('check', handler)
  }
  setDevicePermissionHandler(handler: Handler | null): void {
    this.handlers.set('device', handler)
  }
}

export const session = { defaultSession: new Session() }
