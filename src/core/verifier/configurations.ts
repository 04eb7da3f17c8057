import type { Kernel } from '../kernel/kernel'
import { CONFIGURATION_HANDLE } from '../ndis/configuration'
import { hex } from './hex'
import type { RuleFamily } from './rules'

/** Where each function takes its configuration handle. */
const HANDLE_AT: Readonly<Record<string, number>> = {
  NdisOpenConfigurationKeyByName: 1,
  NdisOpenConfigurationKeyByIndex: 1,
  NdisReadConfiguration: 2,
  NdisWriteConfiguration: 1,
  NdisReadNetworkAddress: 3,
  NdisCloseConfiguration: 0,
}

/** Configuration handles are used while they are open, and closed once (DDI ndiscloseconfiguration). */
export function configurationRules(k: Kernel): RuleFamily {
  const { objects, verifier } = k
  const check =
    (name: string, at: number) =>
    (...args: readonly unknown[]): boolean => {
      const handle = Number(args[at])
      if (objects.find(handle, CONFIGURATION_HANDLE)) return false
      const buried = objects.buried(handle, CONFIGURATION_HANDLE)
      verifier.violation(
        buried ? 'ConfigurationClosed' : 'InvalidConfigurationHandle',
        name,
        buried
          ? `${name} was given configuration handle ${hex(handle)}, which was closed already; what was read through it is gone too.`
          : `${name} was given ${hex(handle)}, which is no handle of NdisOpenConfiguration or NdisOpenConfigurationEx: look at the status before using the handle.`,
        buried ?? {},
      )
      // The function itself answers NDIS_STATUS_FAILURE.
      return false
    }
  return { before: Object.fromEntries(Object.entries(HANDLE_AT).map(([name, at]) => [name, check(name, at)])) }
}
