import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { constant } from './constants'
import type { Device, Devices } from './devices'

export const FILE_OBJECT = 'file object'
const FILE = layout(
  'FILE_OBJECT', 'Type', 'Size', 'DeviceObject', 'ReadAccess', 'WriteAccess', 'SharedRead', 'SharedWrite', 'Flags',
  'FileName.Length', 'FileName.MaximumLength', 'FileName.Buffer',
) // prettier-ignore
/** 'File' */
const FILE_TAG = 0x656c6946
const TYPE_FILE = constant('IO_TYPE_FILE')
const HANDLE_CREATED = constant('FO_HANDLE_CREATED')
const CLEANUP_COMPLETE = constant('FO_CLEANUP_COMPLETE')

/** An open file: what an application has a handle of, or a driver a pointer. */
export interface OpenFile {
  /** Address of the FILE_OBJECT. */
  readonly object: number
  readonly device: Device
  readonly access: FileAccess
  /** The handle, requests under way and references of drivers; IRP_MJ_CLOSE is sent when the last one goes. */
  references: number
  /** The call of a driver that took a reference last; 0: none did. */
  site: number
  /** Requests that were given up: nothing will ever complete them. */
  stuck: number
  /** The handle was closed. */
  cleanedUp: boolean
  closed: boolean
}

/** What a handle permits. */
export interface FileAccess {
  readonly read: boolean
  readonly write: boolean
  /** A driver opened it: the requests come from the kernel. */
  readonly kernel?: boolean
}

/** Memory of file objects. */
export interface Files {
  create(device: Device, name: string, access: FileAccess): OpenFile | undefined
  find(object: number): OpenFile | undefined
  cleanUp(file: OpenFile): void
  destroy(file: OpenFile): void
  forEach(visit: (file: OpenFile) => void): void
}

export function createFiles(k: Kernel, devices: Devices): Files {
  const { objects, space, shadow } = k
  const { r32, w8, w16, w32 } = space
  const files = new Map<number, OpenFile>()
  return {
    create(device, name, access) {
      const bytes = FILE.SIZE + 2 * name.length
      const object = objects.create(FILE_OBJECT, FILE_TAG, bytes, false)
      if (object === 0) return undefined
      shadow.markLive(object, bytes)
      w16(object + FILE.Type, TYPE_FILE)
      w16(object + FILE.Size, FILE.SIZE)
      w32(object + FILE.DeviceObject, device.address)
      w8(object + FILE.ReadAccess, access.read ? 1 : 0)
      w8(object + FILE.WriteAccess, access.write ? 1 : 0)
      w8(object + FILE.SharedRead, 1)
      w8(object + FILE.SharedWrite, 1)
      w32(object + FILE.Flags, HANDLE_CREATED)
      w16(object + FILE['FileName.Length'], 2 * name.length)
      w16(object + FILE['FileName.MaximumLength'], 2 * name.length)
      w32(object + FILE['FileName.Buffer'], name === '' ? 0 : object + FILE.SIZE)
      for (let i = 0; i < name.length; i++) w16(object + FILE.SIZE + 2 * i, name.charCodeAt(i))
      const file: OpenFile = {
        object,
        device,
        access,
        references: 1,
        site: 0,
        stuck: 0,
        cleanedUp: false,
        closed: false,
      }
      files.set(object, file)
      devices.reference(device)
      return file
    },
    find: (object) => files.get(object),
    cleanUp(file) {
      file.cleanedUp = true
      w32(file.object + FILE.Flags, r32(file.object + FILE.Flags) | CLEANUP_COMPLETE)
    },
    destroy(file) {
      file.closed = true
      files.delete(file.object)
      objects.destroy(file.object)
      devices.release(file.device)
    },
    forEach: (visit) => files.forEach(visit),
  }
}
