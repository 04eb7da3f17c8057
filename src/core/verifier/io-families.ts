import type { Kernel } from '../kernel/kernel'
import { constant } from '../ndis/constants'
import type { DriverLife } from '../ndis/driver'
import type { IoSystem } from '../ndis/io'
import { deviceRules } from './device-objects'
import { irpRules } from './irps'
import { pointerRules } from './pointers'
import type { RuleFamily } from './rules'

/** Functions whose own family looks at the request: one that was completed twice has a rule of its own. */
const OWN_CHECKS = new Set(['IoCompleteRequest'])
const FIRST_REVISIONS: Readonly<Record<string, number>> = {
  NDIS_DEVICE_OBJECT_ATTRIBUTES: constant('NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1'),
}

/** The families about devices and I/O requests. Pointers come first. */
export function ioFamilies(k: Kernel, driver: DriverLife, io: IoSystem): RuleFamily[] {
  const names = Object.keys(io.functions).filter((name) => !OWN_CHECKS.has(name))
  return [pointerRules(k, names, FIRST_REVISIONS), deviceRules(k, driver, io), irpRules(k, io)]
}
