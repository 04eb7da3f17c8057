import type { Kernel } from '../kernel/kernel'
import { constant } from '../ndis/constants'
import type { DriverLife } from '../ndis/driver'
import type { Executive } from '../ndis/executive'
import { sizeOfProtocol5 } from '../ndis/protocol5'
import { configurationRules } from './configurations'
import { interruptRules } from './interrupts'
import { ioAccessRules } from './io-access'
import { ioClaimRules } from './io-claims'
import { IRQL_FAMILY, irqlRules } from './irql'
import { kernelRoutineFamilies } from './kernel-routine-families'
import { listRules } from './lists'
import { LOCK_ANALYSIS, lockAnalysis } from './lock-analysis'
import { lockRules } from './locks'
import { miniportRules } from './miniports'
import { mutexRules } from './mutexes'
import { pointerRules } from './pointers'
import type { RuleFamily } from './rules'
import { rwLockRules } from './rw-locks'
import { timerRules } from './timers'
import { WAIT_FAMILY, waitRules } from './waits'
import { workItemRules } from './work-items'

/** Functions whose own family looks at their pointers. */
const OWN_CHECKS = /^Ndis\w*SpinLock$|^NdisMRegisterMiniport$|^NdisMSendComplete$/
/** Records of which the first revision is all that every driver gives. */
const FIRST_REVISIONS: Readonly<Record<string, number>> = {
  NDIS_PROTOCOL_CHARACTERISTICS: sizeOfProtocol5(0x3_0000)!,
  NDIS_MINIPORT_DRIVER_CHARACTERISTICS: constant('NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1'),
  // Its bytes depend on the device; its own rule looks.
  NDIS_RESOURCE_LIST: 0,
  NDIS_PROTOCOL_DRIVER_CHARACTERISTICS: constant('NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_1'),
  NDIS_FILTER_DRIVER_CHARACTERISTICS: constant('NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_1'),
  NDIS_MINIPORT_ADAPTER_ATTRIBUTES: constant('NDIS_SIZEOF_MINIPORT_ADD_DEVICE_REGISTRATION_ATTRIBUTES_REVISION_1'),
}

/** The families about locks, lists, time, interrupts and the life of miniports. Pointers come first. */
export function executiveFamilies(k: Kernel, driver: DriverLife, executive: Executive): RuleFamily[] {
  /** A family that refuses no call is not even there when all its rules are off. */
  const unlessOff = (rules: readonly string[], make: () => RuleFamily[]): RuleFamily[] =>
    rules.some((rule) => k.verifier.level(rule) !== 'off') ? make() : []
  const names = Object.keys(executive.functions).filter((name) => !OWN_CHECKS.test(name))
  return [
    pointerRules(k, names, FIRST_REVISIONS),
    lockRules(k),
    ...unlessOff(LOCK_ANALYSIS, () => lockAnalysis(k, executive)),
    listRules(k),
    rwLockRules(k),
    ...unlessOff(IRQL_FAMILY, () => [irqlRules(k)]),
    ...unlessOff(WAIT_FAMILY, () => [waitRules(k)]),
    mutexRules(k, executive.threads),
    timerRules(k, executive),
    workItemRules(k, executive),
    configurationRules(k),
    interruptRules(k, executive),
    ioClaimRules(k, executive),
    ioAccessRules(k, executive),
    miniportRules(k, driver, executive),
    ...kernelRoutineFamilies(k, driver, executive),
  ]
}
