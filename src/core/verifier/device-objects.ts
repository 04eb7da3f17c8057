import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { DEVICE_OBJECT, type Device } from '../ndis/devices'
import type { DriverLife } from '../ndis/driver'
import type { IoSystem } from '../ndis/io'
import { IO_WORK_ITEM } from '../ndis/io-work-item'
import { DISPATCH_TABLE_BYTES, REGISTERED_DEVICE } from '../ndis/registered-device'
import { counted } from './counted'
import { badHandle } from './handles'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

const STRING = layout('UNICODE_STRING', 'Length', 'Buffer')
const ATTRIBUTES = layout('NDIS_DEVICE_OBJECT_ATTRIBUTES', 'DeviceName', 'SymbolicName', 'MajorFunctions')

/** Device objects, their names and references. Whatever is left at unload is a leak (DV:LeakAtUnload). */
export function deviceRules(
  k: Kernel,
  driver: DriverLife,
  { devices, files, registered, workItems, others }: IoSystem,
): RuleFamily {
  const { objects, access, space } = k
  const { violation } = k.verifier
  const { r16, r32 } = space

  /** The text of a counted string lies in memory of the driver. */
  function badText(fn: string, counted: number): boolean {
    if (!counted) return false
    const length = r16(counted + STRING.Length)
    return length > 0 && !access.range(fn, r32(counted + STRING.Buffer), length, false)
  }
  const badString = (fn: string, counted: number): boolean =>
    counted !== 0 && (!access.range(fn, counted, STRING.SIZE, false) || badText(fn, counted))
  const texts =
    (fn: string, ...indices: readonly number[]): Before =>
    (...args: readonly number[]) =>
      indices.some((index) => badText(fn, Number(args[index])))

  /** A device object that is gone was reported as such when its memory was looked at. */
  function deviceAt(fn: string, address: number): Device | undefined {
    const device = devices.find(address)
    if (!device && !objects.buried(address, DEVICE_OBJECT))
      violation('InvalidHandle', fn, `${fn} was given ${hex(address)}, which is no device object.`)
    return device
  }
  const details = ({ address }: Device) => ({ allocated: objects.find(address, DEVICE_OBJECT)?.allocated ?? 0 })

  function deleteDevice(address: number): boolean {
    const fn = 'IoDeleteDevice'
    const device = deviceAt(fn, address)
    if (!device) return true
    if (device.deleted)
      violation('DV:DoubleFree', fn, `The device object at ${hex(address)} is deleted a second time.`, details(device))
    else if (device.dispatch)
      violation(
        'RegisteredDeviceDeleted',
        fn,
        `The device object at ${hex(address)} belongs to NDIS, which removes it itself: at NdisDeregisterDeviceEx, or when the adapter ends.`,
        details(device),
      )
    else return false
    return true
  }
  function deregister(fn: string, handle: number): boolean {
    if (badHandle(k, fn, handle, REGISTERED_DEVICE)) return true
    const device = registered.find(handle)
    if (device && device.references > 0)
      violation(
        'DeviceDeregisteredWhileOpen',
        fn,
        `${device.name} is removed with ${counted(device.references, 'file')} of it open; the page of NdisMDeregisterDevice calls that a system error.`,
        details(device),
      )
    return false
  }
  function reference(fn: string, object: number, least: number): boolean {
    if (files.find(object) || others.has(object)) return false
    const device = devices.find(object)
    if (device && device.references >= least) return false
    violation(
      device ? 'ObjectReferenceUnderflow' : 'InvalidHandle',
      fn,
      device
        ? `${fn} lets go of the device object at ${hex(object)}, of which nobody has a reference.`
        : `${fn} was given ${hex(object)}, which is no object that has references.`,
    )
    return true
  }
  /** A work item waits in one place of the queue, and is freed when it does not wait. */
  function queued(fn: string, rule: string, item: number, consequence: string): boolean {
    if (badHandle(k, fn, item, IO_WORK_ITEM)) return true
    if (!workItems.isQueued(item)) return false
    violation(rule, fn, `The work item at ${hex(item)} waits in the queue: ${consequence}`, {
      allocated: objects.find(item, IO_WORK_ITEM)?.allocated ?? 0,
    })
    return true
  }
  driver.addPart({
    unloaded() {
      files.forEach(({ object, device, cleanedUp, closed, references, site, stuck }) => {
        if (cleanedUp && !closed && references > stuck)
          violation(
            'ObjectReferenceLeft',
            '',
            `The file object at ${hex(object)} of ${device.name} is still referenced at unload, so that IRP_MJ_CLOSE never comes.`,
            { at: site },
          )
      })
    },
  })

  return {
    before: {
      IoCreateDevice: texts('IoCreateDevice', 2),
      IoCreateDeviceSecure: texts('IoCreateDeviceSecure', 2, 6),
      IoCreateSymbolicLink: texts('IoCreateSymbolicLink', 0, 1),
      IoDeleteSymbolicLink: texts('IoDeleteSymbolicLink', 0),
      IoGetDeviceObjectPointer: texts('IoGetDeviceObjectPointer', 0),
      IoDeleteDevice: deleteDevice,
      IoCallDriver: (device: number) => !deviceAt('IoCallDriver', device),
      IoBuildDeviceIoControlRequest(
        _code: number,
        device: number,
        input: number,
        inputLength: number,
        output: number,
        outputLength: number,
      ) {
        const fn = 'IoBuildDeviceIoControlRequest'
        const bad = (address: number, bytes: number, write: boolean): boolean =>
          bytes >>> 0 > 0 && !access.range(fn, address >>> 0, bytes >>> 0, write)
        return !deviceAt(fn, device) || bad(input, inputLength, false) || bad(output, outputLength, true)
      },
      NdisRegisterDeviceEx(_handle: number, attributes: number) {
        const fn = 'NdisRegisterDeviceEx'
        return (
          badString(fn, r32(attributes + ATTRIBUTES.DeviceName)) ||
          badString(fn, r32(attributes + ATTRIBUTES.SymbolicName)) ||
          !access.range(fn, r32(attributes + ATTRIBUTES.MajorFunctions), DISPATCH_TABLE_BYTES, false)
        )
      },
      NdisMRegisterDevice(_handle: number, name: number, link: number, table: number) {
        const fn = 'NdisMRegisterDevice'
        return badText(fn, name) || badText(fn, link) || !access.range(fn, table >>> 0, DISPATCH_TABLE_BYTES, false)
      },
      NdisDeregisterDeviceEx: (handle: number) => deregister('NdisDeregisterDeviceEx', handle),
      NdisMDeregisterDevice: (handle: number) => deregister('NdisMDeregisterDevice', handle),
      IoAllocateWorkItem: (device: number) => !deviceAt('IoAllocateWorkItem', device),
      IoQueueWorkItem: (item: number) =>
        queued('IoQueueWorkItem', 'WorkItemQueuedTwice', item, 'it cannot be queued again before its routine runs.'),
      IoFreeWorkItem: (item: number) =>
        queued('IoFreeWorkItem', 'WorkItemFreedWhileQueued', item, 'its routine must run before it is freed.'),
      ObReferenceObject: (object: number) => reference('ObReferenceObject', object, 0),
      ObDereferenceObject: (object: number) => reference('ObDereferenceObject', object, 1),
    },
  }
}
