import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { KEY_OBJECT } from '../ndis/registry-calls'
import { badCountedString } from './counted-strings'
import { badHandle } from './handles'
import type { RuleFamily } from './rules'

const OBJECT_NAME = layout('OBJECT_ATTRIBUTES', 'ObjectName').ObjectName

/** Keys of the registry: handles that are open, names and buffers that are there. */
export function registryRules(k: Kernel): RuleFamily {
  const { access } = k
  const { r32 } = k.space

  /** A handle that is none is answered with STATUS_INVALID_HANDLE, and reported. */
  function handle(fn: string, value: number): boolean {
    badHandle(k, fn, value, KEY_OBJECT)
    return false
  }
  return {
    before: {
      ZwOpenKey(_handle: unknown, _access: number, attributes: number) {
        const name = r32(attributes + OBJECT_NAME)
        return name !== 0 && badCountedString(k, 'ZwOpenKey', name)
      },
      ZwQueryValueKey(key: number, name: number, _kind: number, information: number, length: number) {
        const fn = 'ZwQueryValueKey'
        handle(fn, key)
        return (
          badCountedString(k, fn, name) ||
          (length >>> 0 > 0 && !access.range(fn, information >>> 0, length >>> 0, true))
        )
      },
      ZwClose: (key: number) => handle('ZwClose', key),
      RtlCheckRegistryKey: (_relative: number, path: unknown) =>
        typeof path !== 'string' && !access.range('RtlCheckRegistryKey', Number(path) >>> 0, 2, false),
    },
  }
}
