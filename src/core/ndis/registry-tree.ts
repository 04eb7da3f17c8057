import type { DriverLife } from './driver'
import { createRegistryKey, type ConfigurationOptions, type RegistryKey } from './registry'

/** The registry of the machine from its root, as far as drivers of this machine find something there. */
export interface RegistryTree {
  /** Keywords of the instance, which NDIS opens by handle. */
  readonly instance: RegistryKey
  /** \Registry\Machine\System\CurrentControlSet\Services */
  readonly services: RegistryKey
  /** The key at a path that begins with \Registry; undefined when there is none. */
  absolute(path: string): RegistryKey | undefined
}

const SERVICE_KERNEL_DRIVER = 1
const SERVICE_DEMAND_START = 3
const SERVICE_ERROR_NORMAL = 1

/** The key below another one at a path of names between backslashes; '' is the key itself. */
export function keyBelow(key: RegistryKey, path: string): RegistryKey | undefined {
  return path
    .split('\\')
    .filter((name) => name !== '')
    .reduce<RegistryKey | undefined>((at, name) => at?.key(name), key)
}

type Below = () => readonly { readonly name: string; readonly key: RegistryKey }[]

/** A key whose subkeys are those that there are now. */
function branch(below: Below, options: ConfigurationOptions = {}): RegistryKey {
  return {
    ...createRegistryKey(options),
    key: (name) => below().find((candidate) => candidate.name.toUpperCase() === name.toUpperCase())?.key,
    keyAt: (index) => below()[index],
  }
}
const only = (name: string, key: RegistryKey): RegistryKey => branch(() => [{ name, key }])

/**
 * Each driver has its service, as an INF file makes it, and below it Parameters: the keywords of the instance, which NDIS
 * opens by handle.
 */
export function createRegistryTree(driver: DriverLife, instance: RegistryKey): RegistryTree {
  const services = new Map<string, RegistryKey>()
  function service(name: string): RegistryKey {
    const known = services.get(name)
    if (known) return known
    const parameters = {
      Type: SERVICE_KERNEL_DRIVER,
      Start: SERVICE_DEMAND_START,
      ErrorControl: SERVICE_ERROR_NORMAL,
      ImagePath: `\\SystemRoot\\System32\\drivers\\${name}.sys`,
    }
    const key = branch(() => [{ name: 'Parameters', key: instance }], { parameters })
    services.set(name, key)
    return key
  }
  const root = branch(() =>
    [...new Set([...driver.drivers, driver.current])].map(({ name }) => ({ name, key: service(name) })),
  )
  const control = branch(() => [])
  const set = branch(() => [
    { name: 'Services', key: root },
    { name: 'Control', key: control },
  ])
  const system = branch(() => [
    { name: 'CurrentControlSet', key: set },
    { name: 'ControlSet001', key: set },
  ])
  const top = only('Registry', only('Machine', only('System', system)))
  return {
    instance,
    services: root,
    absolute: (path) => (path.startsWith('\\') ? keyBelow(top, path) : undefined),
  }
}
