import type { Bridge } from './bridge'

let current: Bridge | undefined

/** Set once at start (or by a spec), before any store is used. */
export const installHost = (bridge: Bridge): void => {
  current = bridge
}

export function host(): Bridge {
  if (!current) throw new Error('The bridge to the host is not installed yet: call installHost() first')
  return current
}
