import type { Kernel } from '../kernel/kernel'
import { FILE_OBJECT, type OpenFiles } from '../ndis/file'
import { badCountedString } from './counted-strings'
import { badHandle } from './handles'
import { hex } from './hex'
import type { RuleFamily } from './rules'

/** Files: handles that are open, unmapped once; and names of routines that are there. */
export function fileRules(k: Kernel, files: OpenFiles): RuleFamily {
  const name =
    (fn: string, at: number) =>
    (...args: readonly unknown[]): boolean =>
      badCountedString(k, fn, Number(args[at]) >>> 0)
  return {
    before: {
      NdisOpenFile: name('NdisOpenFile', 3),
      NdisGetRoutineAddress: name('NdisGetRoutineAddress', 0),
      MmGetSystemRoutineAddress: name('MmGetSystemRoutineAddress', 0),
      NdisMapFile(_status: unknown, _buffer: unknown, handle: number) {
        badHandle(k, 'NdisMapFile', handle, FILE_OBJECT)
        return false
      },
      NdisUnmapFile(handle: number) {
        if (badHandle(k, 'NdisUnmapFile', handle, FILE_OBJECT)) return true
        if (files.isMapped(handle)) return false
        k.verifier.violation(
          'FileNotMapped',
          'NdisUnmapFile',
          `NdisUnmapFile is called for the file of handle ${hex(handle)}, which is not mapped.`,
        )
        return true
      },
      NdisCloseFile: (handle: number) => badHandle(k, 'NdisCloseFile', handle, FILE_OBJECT),
    },
  }
}
