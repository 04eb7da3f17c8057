import type { Kernel } from '../kernel/kernel'
import { EVENT, PHASE } from '../trace/log'
import { valueOf, type ConfigurationOptions, type RegistryValue } from './registry'

/** Numbers of winnt.h. */
const TYPE = { REG_SZ: 1, REG_BINARY: 3, REG_DWORD: 4, REG_MULTI_SZ: 7 } as const satisfies Record<
  RegistryValue['type'],
  number
>
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** FNV-1a over the 16-bit units of the text, 32 bits. */
function hash(text: string): number {
  let state = FNV_OFFSET
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), FNV_PRIME)
  return state | 0
}

const dataOf = ({ type, data }: RegistryValue): string => (type === 'REG_BINARY' ? data.join() : JSON.stringify(data))

/**
 * One event for each parameter that the instance starts with: another configuration is another run and gives another log,
 * whether or not the driver looks at what changed. Without parameters nothing is recorded.
 */
export function recordConfiguration(
  k: Kernel,
  { parameters = {}, keys = {} }: ConfigurationOptions = {},
  path = '',
): void {
  const named = Object.entries(parameters).map(([name, option]) => [name.toUpperCase(), valueOf(name, option)] as const)
  named.sort(([left], [right]) => (left < right ? -1 : 1))
  named.forEach(([name, value], index) =>
    k.record(
      EVENT.CONFIGURATION | (PHASE.OTHER << 26),
      index,
      hash(path + name),
      hash(dataOf(value)),
      TYPE[value.type],
    ),
  )
  for (const [name, below] of Object.entries(keys)) recordConfiguration(k, below, `${path}${name.toUpperCase()}\\`)
}
