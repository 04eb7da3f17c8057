import { checkKeywords } from '../../shared/configuration'
import type { LaunchArguments } from '../../shared/dap'
import { checkFaults } from '../../shared/faults'
import { checkHardware } from '../../shared/hardware'
import { checkLevels } from '../../shared/rule-levels'
import { checkSchedule } from '../../shared/schedule-text'
import { DapError } from './connection'

/** Front ends are many, and so are hand-written launch configurations. @throws Error whose message says what to do. */
export function checkLaunch({ program, config }: LaunchArguments): void {
  if (typeof program !== 'string' || program === '')
    throw new DapError('launch needs `program`: the path of a driver, a .ts file or a folder')
  checkKeywords(config?.keywords)
  checkHardware(config)
  checkLevels(config?.levels)
  checkFaults(config?.faults)
  checkSchedule(config?.schedule, config?.cpus)
}
