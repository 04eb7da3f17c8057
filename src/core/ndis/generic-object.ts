import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { constant } from './constants'
import { OBJECT_HEADER } from './net-buffer-layout'

export const GENERIC_OBJECT = 'generic object'
const LAYOUT = layout('NDIS_GENERIC_OBJECT', 'Header', 'Caller', 'CallersCaller', 'DriverObject')
const TYPE = constant('NDIS_OBJECT_TYPE_DEFAULT')
const REVISION = constant('NDIS_GENERIC_OBJECT_REVISION_1')

/** Objects whose handle an allocation may name when a driver has no other (DDI ndisallocategenericobject). */
export function createGenericObjects(k: Kernel) {
  const { space, objects, preempt } = k
  return {
    /** The object, with `Size` bytes of the caller behind it when it asks for more than the object has; NULL when memory is short. */
    NdisAllocateGenericObject(DriverObject: number, Tag: number, Size: number): number {
      preempt()
      const bytes = Math.max(Size & 0xffff, LAYOUT.SIZE)
      const object = objects.create(GENERIC_OBJECT, Tag, bytes)
      if (object === 0) return 0
      // A driver may keep its own members behind the header: its memory, unlike that of other objects.
      k.shadow.markLive(object, bytes)
      space.w8(object + LAYOUT.Header + OBJECT_HEADER.Type, TYPE)
      space.w8(object + LAYOUT.Header + OBJECT_HEADER.Revision, REVISION)
      space.w16(object + LAYOUT.Header + OBJECT_HEADER.Size, bytes)
      space.w32(object + LAYOUT.DriverObject, DriverObject)
      return object
    },
    NdisFreeGenericObject(NdisObject: number): void {
      if (objects.find(NdisObject, GENERIC_OBJECT)) objects.destroy(NdisObject)
      preempt()
    },
  }
}
