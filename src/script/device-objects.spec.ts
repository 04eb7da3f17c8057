import { describe, expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG } from '../shared/engine'
import type { RunReport } from '../shared/report'
import { constant } from '../core/ndis/constants'
import type { IoManager } from '../core/ndis/io-manager'
import { Engine } from './engine'
import { tables } from './tables'

/** Runs a driver; the application acts once everything has started. */
function withApplication(source: string, act: (io: IoManager) => void): RunReport {
  const engine = new Engine({
    config: { ...DEFAULT_RUN_CONFIG },
    files: { 'driver.ts': source },
    entry: 'driver.ts',
    tables,
  })
  const { driver, kernel, io } = engine.machine
  driver.addPart({
    start: () => kernel.scheduler.queueThread(0, { name: 'test', kind: 1, irql: 0, run: () => act(io) }),
  })
  return engine.run()
}
const clean = (report: RunReport) =>
  expect([report.error, report.bugcheck, report.violations, report.leaks]).toEqual([undefined, null, [], []])

const CONTROL_CODE = 0x12_2000

const HELPERS = `
import * as ndis from 'ndis'
import { IRP, IO_STACK_LOCATION, DEVICE_OBJECT, DRIVER_OBJECT, IoCompleteRequest, IoGetCurrentIrpStackLocation, bytes, out,
  STATUS_SUCCESS, IO_NO_INCREMENT } from 'ndis'
function complete(Irp: PIRP, Status: NTSTATUS, Information: number) {
  const irp = IRP.at(Irp)
  irp.IoStatus.Status = Status
  irp.IoStatus.Information = Information
  IoCompleteRequest(Irp, IO_NO_INCREMENT)
  return Status
}
function DispatchOpen(DeviceObject: PDEVICE_OBJECT, Irp: PIRP) { return complete(Irp, STATUS_SUCCESS, 0) }
function DispatchControl(DeviceObject: PDEVICE_OBJECT, Irp: PIRP) {
  const irp = IRP.at(Irp), stack = IO_STACK_LOCATION.at(IoGetCurrentIrpStackLocation(Irp))
  const { InputBufferLength, IoControlCode } = stack.Parameters.DeviceIoControl
  const data = bytes(irp.AssociatedIrp.SystemBuffer, InputBufferLength)
  for (let i = 0; i < InputBufferLength; i++) data[i] = data[i]! + 1
  ndis.DbgPrint('%x %d\\n', IoControlCode, InputBufferLength)
  return complete(Irp, STATUS_SUCCESS, InputBufferLength)
}
`

const act = (io: IoManager): void => {
  const { status, file } = io.open('\\\\.\\Net')
  expect(status).toBe(0)
  const result = io.deviceIoControl(file!, CONTROL_CODE, Uint8Array.of(1, 2, 3), 3)
  expect([result.status, ...result.output]).toEqual([0, 2, 3, 4])
  expect(io.close(file!)).toBe(0)
}

describe('the control device of a driver in a script', () => {
  test('NDIS 6: MajorFunctions is an array of functions', () => {
    const report = withApplication(
      `${HELPERS}
      const MajorFunctions: ndis.DRIVER_DISPATCH[] = []
      let handle = ndis.NULL
      export function DriverEntry() {
        const owner = ndis.NdisAllocateGenericObject(0, 0x31746553, 16)
        const DeviceObject = out<PDEVICE_OBJECT>(), Handle = out<NDIS_HANDLE>()
        for (const major of [ndis.IRP_MJ_CREATE, ndis.IRP_MJ_CLEANUP, ndis.IRP_MJ_CLOSE]) MajorFunctions[major] = DispatchOpen
        MajorFunctions[ndis.IRP_MJ_DEVICE_CONTROL] = DispatchControl
        const status = ndis.NdisRegisterDeviceEx(owner, {
          Header: { Type: ndis.NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES, Revision: ndis.NDIS_DEVICE_OBJECT_ATTRIBUTES_REVISION_1,
            Size: ndis.NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1 },
          DeviceName: ndis.NDIS_STRING_CONST('\\\\Device\\\\Net'), SymbolicName: ndis.NDIS_STRING_CONST('\\\\DosDevices\\\\Net'),
          MajorFunctions, ExtensionSize: 8,
        }, DeviceObject, Handle)
        const extension = bytes(ndis.NdisGetDeviceReservedExtension(DeviceObject.value), 8)
        extension[7] = 1
        ndis.DbgPrint('%x %d\\n', status, extension[0])
        ndis.DRIVER_OBJECT.at(DEVICE_OBJECT.at(DeviceObject.value).DriverObject).DriverUnload = () => {
          ndis.NdisDeregisterDeviceEx(Handle.value)
          ndis.NdisFreeGenericObject(owner)
        }
        return status
      }`,
      act,
    )
    clean(report)
    expect(report.output).toEqual(['0 0', '122000 3'])
  })

  test('NDIS 5: NdisMRegisterDevice takes the array', () => {
    const report = withApplication(
      `${HELPERS}
      export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING) {
        const Wrapper = out<NDIS_HANDLE>(), DeviceObject = out<PDEVICE_OBJECT>(), Handle = out<NDIS_HANDLE>()
        ndis.NdisMInitializeWrapper(Wrapper, DriverObject, RegistryPath, 0)
        const dispatch = new Array<ndis.DRIVER_DISPATCH | null>(ndis.IRP_MJ_MAXIMUM_FUNCTION + 1).fill(DispatchOpen)
        dispatch[ndis.IRP_MJ_DEVICE_CONTROL] = DispatchControl
        const status = ndis.NdisMRegisterDevice(Wrapper.value, ndis.NDIS_STRING_CONST('\\\\Device\\\\Net'),
          ndis.NDIS_STRING_CONST('\\\\DosDevices\\\\Net'), dispatch, DeviceObject, Handle)
        DRIVER_OBJECT.at(DriverObject).DriverUnload = () => {
          ndis.NdisMDeregisterDevice(Handle.value)
          ndis.NdisTerminateWrapper(Wrapper.value, 0)
        }
        return status
      }`,
      act,
    )
    clean(report)
  })

  test('WDM: MajorFunction of the driver object is set element by element, and a link is made', () => {
    const report = withApplication(
      `${HELPERS}
      const name = ndis.RTL_CONSTANT_STRING('\\\\Device\\\\Net'), link = ndis.RTL_CONSTANT_STRING('\\\\DosDevices\\\\Net')
      export function DriverEntry(DriverObject: PDRIVER_OBJECT) {
        const driver = DRIVER_OBJECT.at(DriverObject)
        for (let i = 0; i <= ndis.IRP_MJ_MAXIMUM_FUNCTION; i++) driver.MajorFunction[i] = DispatchOpen
        driver.MajorFunction[ndis.IRP_MJ_DEVICE_CONTROL] = DispatchControl
        driver.MajorFunction[ndis.IRP_MJ_READ] = null
        ndis.DbgPrint('%d %d %d\\n', driver.MajorFunction[ndis.IRP_MJ_DEVICE_CONTROL] === DispatchControl,
          driver.MajorFunction[ndis.IRP_MJ_READ] === null, driver.MajorFunction.length)
        const DeviceObject = out<PDEVICE_OBJECT>()
        const status = ndis.IoCreateDevice(DriverObject, 0, name, ndis.FILE_DEVICE_NETWORK, 0, false, DeviceObject)
        ndis.IoCreateSymbolicLink(link, name)
        driver.DriverUnload = () => {
          ndis.IoDeleteSymbolicLink(link)
          ndis.IoDeleteDevice(DeviceObject.value)
        }
        return status
      }`,
      act,
    )
    clean(report)
    expect(report.output).toEqual(['1 1 28', '122000 3'])
  })

  test('left behind with its link is a leak of each', () => {
    const report = withApplication(
      `${HELPERS}
      const name = ndis.RTL_CONSTANT_STRING('\\\\Device\\\\Net'), link = ndis.RTL_CONSTANT_STRING('\\\\DosDevices\\\\Net')
      export function DriverEntry(DriverObject: PDRIVER_OBJECT) {
        ndis.IoCreateDevice(DriverObject, 24, name, ndis.FILE_DEVICE_NETWORK, 0, false, out<PDEVICE_OBJECT>())
        return ndis.IoCreateSymbolicLink(link, name)
      }`,
      () => undefined,
    )
    expect(report.leaks.map(({ kind, count, line }) => [kind, count, line > 0])).toEqual([
      ['device object', 1, true],
      ['symbolic link', 1, true],
    ])
    expect(report.violations.map(({ rule }) => rule)).toEqual(['DV:LeakAtUnload', 'DV:LeakAtUnload'])
  })

  test('an IRP that is touched after its completion is a use after free, with the place of the completion', () => {
    const report = withApplication(
      `${HELPERS}
      const name = ndis.RTL_CONSTANT_STRING('\\\\Device\\\\Net')
      export function DriverEntry(DriverObject: PDRIVER_OBJECT) {
        const DeviceObject = out<PDEVICE_OBJECT>()
        DRIVER_OBJECT.at(DriverObject).MajorFunction[ndis.IRP_MJ_CREATE] = (Device, Irp) => {
          complete(Irp, STATUS_SUCCESS, 0)
          return IRP.at(Irp).IoStatus.Status
        }
        DRIVER_OBJECT.at(DriverObject).DriverUnload = () => ndis.IoDeleteDevice(DeviceObject.value)
        return ndis.IoCreateDevice(DriverObject, 0, name, ndis.FILE_DEVICE_NETWORK, 0, false, DeviceObject)
      }`,
      (io) => void io.open('\\Device\\Net'),
    )
    expect(report.violations.map(({ rule }) => rule)).toContain('DV:SpecialPoolUseAfterFree')
    expect(report.violations[0]).toMatchObject({ line: expect.any(Number), freedAt: { file: 'driver.ts', line: 9 } })
  })
})

test('a cancel-safe queue of a script keeps reads until they are served or cancelled', () => {
  const report = withApplication(
    `${HELPERS}
    const name = ndis.RTL_CONSTANT_STRING('\\\\Device\\\\Net')
    const lock = ndis.storage(ndis.KSPIN_LOCK), csq = ndis.storage(ndis.IO_CSQ), head = ndis.storage(ndis.LIST_ENTRY)
    const LINK = 'Tail.Overlay.ListEntry'
    const entryOf = (Irp: PIRP) => Irp + ndis.FIELD_OFFSET(IRP, LINK)
    export function DriverEntry(DriverObject: PDRIVER_OBJECT) {
      const DeviceObject = out<PDEVICE_OBJECT>(), { MajorFunction } = DRIVER_OBJECT.at(DriverObject)
      ndis.KeInitializeSpinLock(lock)
      ndis.InitializeListHead(head)
      ndis.IoCsqInitialize(csq,
        (Csq, Irp) => ndis.InsertTailList(head, entryOf(Irp)),
        (Csq, Irp) => void ndis.RemoveEntryList(entryOf(Irp)),
        (Csq, Irp) => {
          const next = ndis.LIST_ENTRY.at(Irp === 0 ? head : entryOf(Irp)).Flink
          return next === head ? 0 : ndis.CONTAINING_RECORD(next, IRP, LINK)
        },
        (Csq, Irql) => ndis.KeAcquireSpinLock(lock, Irql),
        (Csq, Irql) => ndis.KeReleaseSpinLock(lock, Irql),
        (Csq, Irp) => void complete(Irp, ndis.STATUS_CANCELLED, 0))
      for (const major of [ndis.IRP_MJ_CREATE, ndis.IRP_MJ_CLEANUP, ndis.IRP_MJ_CLOSE]) MajorFunction[major] = DispatchOpen
      MajorFunction[ndis.IRP_MJ_READ] = (Device, Irp) => {
        ndis.IoCsqInsertIrp(csq, Irp, 0)
        return ndis.STATUS_PENDING
      }
      MajorFunction[ndis.IRP_MJ_WRITE] = (Device, Irp) => {
        const waiting = ndis.IoCsqRemoveNextIrp(csq, 0)
        if (waiting !== 0) complete(waiting, STATUS_SUCCESS, 0)
        return complete(Irp, waiting === 0 ? ndis.STATUS_NO_MORE_ENTRIES : STATUS_SUCCESS, 0)
      }
      DRIVER_OBJECT.at(DriverObject).DriverUnload = () => ndis.IoDeleteDevice(DeviceObject.value)
      return ndis.IoCreateDevice(DriverObject, 0, name, ndis.FILE_DEVICE_NETWORK, 0, false, DeviceObject)
    }`,
    (io) => {
      const file = io.open('\\Device\\Net').file!
      const [first, second] = [io.beginRead(file, 4), io.beginRead(file, 4)]
      expect(io.cancel(second)).toBe(true)
      expect(second.status).toBe(constant('STATUS_CANCELLED'))
      expect(io.write(file, Uint8Array.of(1)).status).toBe(0)
      expect([first.done, first.status]).toEqual([true, 0])
      expect(io.write(file, Uint8Array.of(1)).status).toBe(constant('STATUS_NO_MORE_ENTRIES'))
      expect(io.close(file)).toBe(0)
    },
  )
  clean(report)
})

test('left registered at unload is a leak', () => {
  const report = withApplication(
    `${HELPERS}
    export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING) {
      const Wrapper = out<NDIS_HANDLE>()
      ndis.NdisMInitializeWrapper(Wrapper, DriverObject, RegistryPath, 0)
      DRIVER_OBJECT.at(DriverObject).DriverUnload = () => ndis.NdisTerminateWrapper(Wrapper.value, 0)
      return ndis.NdisMRegisterDevice(Wrapper.value, ndis.NDIS_STRING_CONST('\\\\Device\\\\Net'),
        ndis.NDIS_STRING_CONST('\\\\DosDevices\\\\Net'), [DispatchOpen], out<PDEVICE_OBJECT>(), out<NDIS_HANDLE>())
    }`,
    (io) => void io.close(io.open('Net').file!),
  )
  expect(report.leaks.map(({ kind, count }) => [kind, count])).toEqual([['registered device', 1]])
})

test('too many functions in an array stop the driver with the reason', () => {
  const report = withApplication(
    `${HELPERS}
    export function DriverEntry(DriverObject: PDRIVER_OBJECT) {
      const all = new Array(29).fill(DispatchOpen)
      return ndis.NdisMRegisterDevice(0, 0, 0, all, out(), out())
    }`,
    () => undefined,
  )
  expect(report.bugcheck?.message).toMatch(/an array of 29 functions; 28 are the most/)
  expect(constant('IRP_MJ_MAXIMUM_FUNCTION')).toBe(27)
})
