import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { SHADOW } from '../memory/map'
import { SYS_BLOCK } from '../memory/records'
import { OWNER_NDIS } from '../memory/tagged-pool'
import { constant } from './constants'
import { countedText } from './counted-text'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

export const FILE_OBJECT = 'open file'
/** 'NDfl' */
const FILE_TAG = 0x6c66444e
const OBJECT_BYTES = 16
const FILE_NOT_FOUND = constant('NDIS_STATUS_FILE_NOT_FOUND')
const ALREADY_MAPPED = constant('NDIS_STATUS_ALREADY_MAPPED')

/** Files that drivers can open, such as firmware, by name; names are compared without regard to case. */
export type DriverDataFiles = Readonly<Record<string, Uint8Array>>

interface OpenFile {
  readonly buffer: number
  readonly length: number
  mapped: boolean
}

export interface OpenFiles {
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
  isMapped(FileHandle: number): boolean
}

/** Files of a driver (DDI ndisopenfile, ndismapfile, ndisunmapfile, ndisclosefile): read whole, and touched while mapped. */
export function createOpenFiles(k: Kernel, files: DriverDataFiles): OpenFiles {
  const { space, shadow, pool, objects, site, log, preempt } = k
  const { put32 } = k.cells
  const contents = new Map(Object.entries(files).map(([name, bytes]) => [name.toUpperCase(), bytes]))
  const open = new Map<number, OpenFile>()

  /** Live for the driver, or out of its reach although the bytes stay. */
  function reach(file: OpenFile, mapped: boolean): void {
    file.mapped = mapped
    if (mapped) shadow.markLive(file.buffer, file.length)
    else shadow.mark(file.buffer, file.length, SHADOW.FREED)
    space.w32(file.buffer - SYS_BLOCK.SIZE + SYS_BLOCK.FreeSite, mapped ? 0 : site.s)
  }
  function read(name: string): { status: number; handle: number; length: number } {
    const bytes = contents.get(name.toUpperCase())
    if (!bytes) return { status: FILE_NOT_FOUND, handle: 0, length: 0 }
    const buffer = pool.allocate(Math.max(1, bytes.length), FILE_TAG, OWNER_NDIS, site.s, log.count())
    const handle = buffer === 0 ? 0 : objects.create(FILE_OBJECT, FILE_TAG, OBJECT_BYTES)
    if (handle === 0) {
      if (buffer !== 0) pool.free(buffer, site.s)
      return { status: NDIS_STATUS_RESOURCES, handle: 0, length: 0 }
    }
    space.u8.set(bytes, buffer)
    const file = { buffer, length: bytes.length, mapped: false }
    open.set(handle, file)
    reach(file, false)
    return { status: NDIS_STATUS_SUCCESS, handle, length: bytes.length }
  }
  return {
    isMapped: (handle) => open.get(handle)?.mapped === true,
    functions: {
      NdisOpenFile(
        Status: OutParam,
        FileHandle: OutParam,
        FileLength: OutParam,
        FileName: number,
        _HighestAcceptableAddress: unknown,
      ): void {
        preempt()
        const { status, handle, length } = read(countedText(k, FileName))
        put32(Status, status)
        put32(FileHandle, handle)
        put32(FileLength, length)
      },
      NdisMapFile(Status: OutParam, MappedBuffer: OutParam, FileHandle: number): void {
        preempt()
        const file = open.get(FileHandle)
        const free = file !== undefined && !file.mapped
        if (free) reach(file, true)
        put32(MappedBuffer, free ? file.buffer : 0)
        put32(Status, free ? NDIS_STATUS_SUCCESS : file ? ALREADY_MAPPED : NDIS_STATUS_FAILURE)
      },
      NdisUnmapFile(FileHandle: number): void {
        const file = open.get(FileHandle)
        if (file) reach(file, false)
        preempt()
      },
      NdisCloseFile(FileHandle: number): void {
        const file = open.get(FileHandle)
        if (file) {
          open.delete(FileHandle)
          pool.free(file.buffer, site.s)
          objects.destroy(FileHandle)
        }
        preempt()
      },
    },
  }
}
