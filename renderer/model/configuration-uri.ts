/** Which document holds the configuration of a driver, and back. */
import { CONFIGURATION_SUFFIX, configurationName } from '../../src/shared/configuration'

/** undefined for what has no place beside it: a text that was never saved, or no script. */
export const configurationOf = (driver: string): string | undefined =>
  driver.endsWith('.ts') && !/^(untitled|ndis):/.test(driver) ? configurationName(driver) : undefined

export const isConfiguration = (uri: string): boolean => uri.endsWith(CONFIGURATION_SUFFIX)

/** The script beside which the configuration stands. */
export const driverOf = (configuration: string): string => `${configuration.slice(0, -CONFIGURATION_SUFFIX.length)}.ts`
