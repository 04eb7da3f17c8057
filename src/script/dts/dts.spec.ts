import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typeCheck, type TypeProblem } from '../../cli/check/type-check'
import { HELPER_NAMES } from '../interface'
import { typeNames } from '../names'
import { tables } from '../tables'
import { dts } from './index'

const GOOD: Readonly<Record<string, string>> = {
  // The example of the design, word for word, completed.
  'design.ts': `
import { NdisAllocatePacketPool, NdisAllocatePacket, NdisDprAllocatePacketNonInterlocked, NDIS_PACKET,
         NDIS_STATUS_SUCCESS, out, type NDIS_HANDLE, type PNDIS_PACKET, type NDIS_STATUS } from 'ndis'
export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Status = out<NDIS_STATUS>(), Pool = out<NDIS_HANDLE>()
  NdisAllocatePacketPool(Status, Pool, 32, 16)
  const Packet = out<PNDIS_PACKET>()
  NdisAllocatePacket(Status, Packet, Pool.value)
  NdisDprAllocatePacketNonInterlocked(Status, Packet, Pool.value)
  if (Packet.value === 0 || Status.value !== NDIS_STATUS_SUCCESS) return Status.value
  NDIS_PACKET.at(Packet.value).Private.ValidCounts = false
  return NDIS_STATUS_SUCCESS
}`,
  'miniport5.ts': `
import { DRIVER_OBJECT, NDIS_STATUS_SUCCESS, NDIS_STATUS_UNSUPPORTED_MEDIA, NULL, NdisInterfacePci, NdisMInitializeWrapper,
         NdisMRegisterMiniport, NdisMRegisterUnloadHandler, NdisMSetAttributesEx, NdisMedium802_3, NDIS_ATTRIBUTE_DESERIALIZE, NDIS_MEDIUM, NDIS_MINIPORT_CHARACTERISTICS,
         NdisMRegisterInterrupt, NDIS_MINIPORT_INTERRUPT, NdisInterruptLevelSensitive, NdisMSynchronizeWithInterrupt, sizeof, storage, out, TRUE } from 'ndis'
const Interrupt = storage(NDIS_MINIPORT_INTERRUPT)
function Initialize(OpenErrorStatus: Out<NDIS_STATUS>, SelectedMediumIndex: Out<UINT>, MediumArray: number, MediumArraySize: UINT, MiniportAdapterHandle: NDIS_HANDLE): NDIS_STATUS {
  for (let i = 0; i < MediumArraySize; i++)
    if (NDIS_MEDIUM.at(MediumArray + 4 * i).value === NdisMedium802_3) {
      SelectedMediumIndex.value = i
      NdisMSetAttributesEx(MiniportAdapterHandle, 0x1000, 0, NDIS_ATTRIBUTE_DESERIALIZE, NdisInterfacePci)
      if (NdisMSynchronizeWithInterrupt(Interrupt, () => TRUE, NULL)) return NDIS_STATUS_SUCCESS
      return NdisMRegisterInterrupt(Interrupt, MiniportAdapterHandle, 9, 9, true, false, NdisInterruptLevelSensitive)
    }
  OpenErrorStatus.value = NDIS_STATUS_UNSUPPORTED_MEDIA
  return NDIS_STATUS_UNSUPPORTED_MEDIA
}
export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Wrapper = out<NDIS_HANDLE>()
  NdisMInitializeWrapper(Wrapper, DriverObject, RegistryPath, NULL)
  DRIVER_OBJECT.at(DriverObject).DriverUnload = (driver) => void driver
  NdisMRegisterUnloadHandler(Wrapper.value, () => undefined)
  return NdisMRegisterMiniport(Wrapper.value, {
    MajorNdisVersion: 5, MinorNdisVersion: 1, InitializeHandler: Initialize,
    ISRHandler: (recognized, queue) => { recognized.value = true; queue.value = TRUE },
    QueryInformationHandler: (context, Oid, buffer, length, written) => { written.value = 0; return NDIS_STATUS_SUCCESS },
  }, sizeof(NDIS_MINIPORT_CHARACTERISTICS))
}`.replace('import { DRIVER_OBJECT,', 'import { type Out, DRIVER_OBJECT,'),
  'miniport6.ts': `
import { NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2, NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS, NDIS_OID_REQUEST, NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
         NDIS_STATUS_NOT_SUPPORTED, NET_BUFFER_LIST, NET_BUFFER_LIST_STATUS, NdisMRegisterMiniportDriver, NdisMSendNetBufferListsComplete, OID_GEN_CURRENT_PACKET_FILTER, CONTAINING_RECORD, NET_BUFFER, bytes, MDL, out, type MINIPORT_OID_REQUEST } from 'ndis'
const oid: MINIPORT_OID_REQUEST = (context, request) => {
  const view = NDIS_OID_REQUEST.at(request)
  view.DATA.SET_INFORMATION.BytesRead = 4
  return view.DATA.SET_INFORMATION.Oid === OID_GEN_CURRENT_PACKET_FILTER ? 0 : NDIS_STATUS_NOT_SUPPORTED
}
export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Driver = out<NDIS_HANDLE>()
  return NdisMRegisterMiniportDriver(DriverObject, RegistryPath, 0, {
    Header: { Type: NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS, Revision: NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2, Size: NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2 },
    MajorNdisVersion: 6, MinorNdisVersion: 20, OidRequestHandler: oid,
    SendNetBufferListsHandler(adapter, lists) {
      for (let nbl = lists; nbl !== 0; nbl = NET_BUFFER_LIST.at(nbl).Next) NET_BUFFER_LIST.at(nbl).Status = 0
      const first: PNET_BUFFER = CONTAINING_RECORD(NET_BUFFER_LIST.at(lists).FirstNetBuffer + 4, NET_BUFFER, 'CurrentMdl')
      bytes(MDL.at(NET_BUFFER.at(first).CurrentMdl).MappedSystemVa, 4).set([1, 2, 3, 4])
      if (NET_BUFFER_LIST_STATUS(lists) === 0) NdisMSendNetBufferListsComplete(adapter, lists, 0)
    },
  }, Driver)
}`,
  'memory.ts': `
import { NDIS_HANDLE, NDIS_STATUS, PVOID, NdisAllocateBuffer, NdisAllocateBufferPool, NDIS_SPIN_LOCK, NDIS_TIMER, NdisAllocateMemoryWithTagPriority, NdisAllocateSpinLock, NdisAllocateNetBufferListPool, NdisFreeMemory, NdisInitializeTimer, NdisMoveMemory,
         NdisSetTimerObject, NdisWaitEvent, NDIS_EVENT, NdisInterlockedIncrement, LONG, UINT, NormalPoolPriority, DbgPrint, NDIS_STRING_CONST, NdisInitializeEvent, storage, sizeof, NDIS_STATUS_SUCCESS, LARGE_INTEGER, KeQuerySystemTime } from 'ndis'
let status = NDIS_STATUS_SUCCESS
status = -1
const memory = NdisAllocateMemoryWithTagPriority(0, sizeof(NDIS_SPIN_LOCK) * 2, 0x31747354, NormalPoolPriority)
NdisAllocateSpinLock(memory)
NdisMoveMemory(memory + 8, memory, 8)
NdisFreeMemory(memory, 0, 0)
const Event = storage(NDIS_EVENT)
NdisInitializeEvent(Event)
if (NdisWaitEvent(Event, 10) === true) DbgPrint('%s %d\\n', 'done', 5)
NdisInterlockedIncrement(LONG.at(storage(LONG)))
NdisInterlockedIncrement(storage(LONG))
NdisSetTimerObject(0, -10_000n, 0, 0)
NdisAllocateBufferPool(storage(NDIS_STATUS), storage(NDIS_HANDLE), 4)
NdisAllocateBuffer(storage(NDIS_STATUS), storage(PVOID), NDIS_HANDLE.at(memory).value, memory + 2, 1)
NdisInitializeTimer(storage(NDIS_TIMER), (one, context) => void context, 0)
NdisAllocateNetBufferListPool(0, { ProtocolId: 0, fAllocateNetBuffer: true, PoolTag: 0x31747354 })
const Time = storage(LARGE_INTEGER)
KeQuerySystemTime(Time)
export const later: bigint = LARGE_INTEGER.at(Time).QuadPart + 1n
LARGE_INTEGER.at(Time).QuadPart = 5
export const name: PNDIS_STRING = NDIS_STRING_CONST('NetworkAddress')
export const word: number = UINT.at(memory + 4).value
`,
  'control-device.ts': `
import { DRIVER_OBJECT, IO_CSQ, IO_STACK_LOCATION, IRP, IRP_MJ_CREATE, IRP_MJ_DEVICE_CONTROL, IRP_MJ_READ, IoCompleteRequest, IoCsqInitialize, IoCsqInsertIrp,
         IoGetCurrentIrpStackLocation, IoMarkIrpPending, IoReleaseCancelSpinLock, IoSetCancelRoutine, IO_NO_INCREMENT, KeAcquireSpinLock, KeReleaseSpinLock, KSPIN_LOCK,
         NDIS_DEVICE_OBJECT_ATTRIBUTES_REVISION_1, NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES, NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1, NDIS_STRING_CONST, NULL,
         NdisGetDeviceReservedExtension, NdisMRegisterDevice, NdisRegisterDeviceEx, STATUS_CANCELLED, STATUS_PENDING, STATUS_SUCCESS, bytes, out, storage, type DRIVER_DISPATCH } from 'ndis'
const lock = storage(KSPIN_LOCK), csq = storage(IO_CSQ)
let waiting: PIRP = 0
const complete = (Irp: PIRP, Status: NTSTATUS): NTSTATUS => {
  IRP.at(Irp).IoStatus = { Status, Information: 0 }
  IoCompleteRequest(Irp, IO_NO_INCREMENT)
  return Status
}
const read: DRIVER_DISPATCH = (DeviceObject, Irp) => {
  IoMarkIrpPending(Irp)
  if (IoSetCancelRoutine(Irp, (_device, cancelled) => {
    IoReleaseCancelSpinLock(IRP.at(cancelled).CancelIrql)
    complete(cancelled, STATUS_CANCELLED)
  }) === NULL) IoCsqInsertIrp(csq, Irp, 0)
  return STATUS_PENDING
}
const control: DRIVER_DISPATCH = (DeviceObject, Irp) => {
  const { Parameters, FileObject } = IO_STACK_LOCATION.at(IoGetCurrentIrpStackLocation(Irp))
  bytes(IRP.at(Irp).AssociatedIrp.SystemBuffer, Parameters.DeviceIoControl.OutputBufferLength).fill(FileObject & 0xff)
  bytes(NdisGetDeviceReservedExtension(DeviceObject), 8)[0] = 1
  return complete(Irp, STATUS_SUCCESS)
}
export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NTSTATUS {
  const MajorFunctions: DRIVER_DISPATCH[] = []
  MajorFunctions[IRP_MJ_DEVICE_CONTROL] = control
  DRIVER_OBJECT.at(DriverObject).MajorFunction[IRP_MJ_READ] = read
  DRIVER_OBJECT.at(DriverObject).MajorFunction[IRP_MJ_CREATE] = null
  IoCsqInitialize(csq, (queue, Irp) => { waiting = Irp }, () => { waiting = 0 }, (queue, Irp) => Irp === 0 ? waiting : 0,
    (queue, Irql) => KeAcquireSpinLock(lock, Irql), (queue, Irql) => KeReleaseSpinLock(lock, Irql), (queue, Irp) => void complete(Irp, STATUS_CANCELLED))
  const Device = out<PDEVICE_OBJECT>(), Handle = out<NDIS_HANDLE>()
  NdisMRegisterDevice(0, NDIS_STRING_CONST('a'), NDIS_STRING_CONST('b'), [null, control, , read], Device, Handle)
  return NdisRegisterDeviceEx(0, {
    Header: { Type: NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES, Revision: NDIS_DEVICE_OBJECT_ATTRIBUTES_REVISION_1, Size: NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1 },
    DeviceName: NDIS_STRING_CONST('\\\\Device\\\\Net'), MajorFunctions, ExtensionSize: 8,
  }, Device, Handle)
}`,
}

/** Each with the line that must be refused, and why. */
const BAD: Readonly<Record<string, readonly [code: string, text: string]>> = {
  'too-few.ts': ['TS2554', `import { NdisFreePacket } from 'ndis'\nNdisFreePacket()`],
  'too-many.ts': [
    'TS2554',
    `import { NdisFreePacket, type PNDIS_PACKET } from 'ndis'\nNdisFreePacket(0 as PNDIS_PACKET, 1)`,
  ],
  'buffer-for-packet.ts': [
    'TS2345',
    `import { NdisFreePacket, out, type PNDIS_BUFFER } from 'ndis'\nNdisFreePacket(out<PNDIS_BUFFER>().value)`,
  ],
  'cell-for-packet.ts': [
    'TS2345',
    `import { NdisFreePacket, out, type PNDIS_PACKET } from 'ndis'\nNdisFreePacket(out<PNDIS_PACKET>())`,
  ],
  'number-for-packet.ts': ['TS2345', `import { NdisFreePacket } from 'ndis'\nNdisFreePacket(0x1000)`],
  'packet-for-handle.ts': [
    'TS2345',
    `import { NdisFreePacketPool, out, type PNDIS_PACKET } from 'ndis'\nNdisFreePacketPool(out<PNDIS_PACKET>().value)`,
  ],
  'value-for-cell.ts': [
    'TS2345',
    `import { NdisAllocatePacketPool, out, type NDIS_HANDLE } from 'ndis'\nNdisAllocatePacketPool(5, out<NDIS_HANDLE>(), 1, 16)`,
  ],
  'wrong-cell.ts': [
    'TS2345',
    `import { NdisAllocatePacketPool, out, type NDIS_STATUS } from 'ndis'\nNdisAllocatePacketPool(out<NDIS_STATUS>(), out<number>(), 1, 16)`,
  ],
  'text-for-number.ts': ['TS2345', `import { NdisMSleep } from 'ndis'\nNdisMSleep('5')`],
  'unknown-function.ts': ['TS2724', `\nimport { NdisAllocatePaket } from 'ndis'`],
  'unknown-member.ts': ['TS2551', `import { NDIS_PACKET } from 'ndis'\nNDIS_PACKET.at(0).Privat`],
  'unknown-handler.ts': [
    'TS2561',
    `import { NdisMRegisterMiniport } from 'ndis'\nNdisMRegisterMiniport(0, { InitialiseHandler: () => 0 }, 0)`,
  ],
  'wrong-handler.ts': [
    'TS2322',
    `import { NdisMRegisterMiniport } from 'ndis'\nNdisMRegisterMiniport(0, { InitializeHandler: () => 'ok' }, 0)`,
  ],
  'assigned-constant.ts': ['TS2632', `import { NDIS_STATUS_SUCCESS } from 'ndis'\nNDIS_STATUS_SUCCESS = 1`],
  'text-for-dispatch.ts': [
    'TS2322',
    `import { NdisRegisterDeviceEx, out } from 'ndis'\nNdisRegisterDeviceEx(0, { MajorFunctions: ['create'] }, out(), out())`,
  ],
  'lock-for-event.ts': [
    'TS2345',
    `import { NDIS_SPIN_LOCK, NdisSetEvent, storage } from 'ndis'\nNdisSetEvent(storage(NDIS_SPIN_LOCK))`,
  ],
}

const EXAMPLES = path.resolve(import.meta.dirname, '../../../examples')
let folder: string
let declarations: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dts-'))
  declarations = path.join(folder, 'ndis.d.ts')
  await writeFile(declarations, dts())
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('scripts against the declarations', () => {
  it('accepts what is right', async () => {
    expect(await typeCheck(GOOD, declarations)).toEqual([])
  })

  it('refuses what is wrong, on its line and with the right reason', async () => {
    const files = Object.fromEntries(Object.entries(BAD).map(([name, [, text]]) => [name, `${text}\nexport {}`]))
    const found = await typeCheck(files, declarations)
    const brief = ({ file, line, code }: TypeProblem) => `${file}:${line} ${code}`
    expect(found.map(brief)).toEqual(
      Object.entries(BAD)
        .map(([name, [code]]) => `${name}:2 ${code}`)
        .sort(),
    )
  })

  it('accepts the examples that ship', async () => {
    const names = (await readdir(EXAMPLES, { recursive: true })).filter((name) => name.endsWith('.ts'))
    const files = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await readFile(path.join(EXAMPLES, name), 'utf8')] as const)),
    )
    expect(names.length).toBeGreaterThan(0)
    expect(await typeCheck(files, declarations)).toEqual([])
  })
})

describe('the declarations', () => {
  it('declare everything that the module exports at run time, and nothing else', async () => {
    const text = await readFile(declarations, 'utf8')
    const declared = new Set([...text.matchAll(/^export (?:const|function) (\w+)/gm)].map((match) => match[1]))
    const structs = [...tables.structs.values()]
      .filter((table) => table.visibility === 'ndis')
      .map((table) => table.name)
    const functions = tables.api.filter((entry) => entry.kind !== 'callback').map((entry) => entry.name)
    const exported = new Set([...Object.keys(tables.constants), ...structs, ...functions, ...HELPER_NAMES])
    expect([...exported].filter((name) => !declared.has(name))).toEqual([])
    const scalars = [...declared].filter((name) => name !== undefined && !exported.has(name))
    expect(scalars).toContain('UINT')
    expect(scalars.every((name) => text.includes(`export const ${name}: ScalarType<`))).toBe(true)
  })

  it('type-only names are types, and no value has their name', async () => {
    const text = await readFile(declarations, 'utf8')
    const types = new Set([...text.matchAll(/^export (?:type|interface|namespace) (\w+)/gm)].map((match) => match[1]))
    expect([...typeNames].filter((name) => !types.has(name))).toEqual([])
    expect([...typeNames].filter((name) => new RegExp(`^export (const|function) ${name}\\b`, 'm').test(text))).toEqual(
      [],
    )
    expect(['NDIS_HANDLE', 'PNDIS_PACKET', 'MINIPORT_HALT', 'Out'].map((name) => typeNames.has(name))).toEqual([
      false,
      true,
      true,
      true,
    ])
  })

  it('say IRQL, versions, rules and parameters in the hover of a function', async () => {
    const text = await readFile(declarations, 'utf8')
    const at = text.indexOf('export function NdisFreePacket(')
    const hover = text.slice(text.lastIndexOf('/**', at), at)
    expect(hover).toContain('Returns a packet descriptor to its pool')
    expect(hover).toContain('IRQL <= DISPATCH_LEVEL · NDIS 3.0 to 5.2 · function of ndis.h')
    expect(hover).toContain('The caller must hold no spin lock.')
    expect(hover).toContain('@param Packet `PNDIS_PACKET`')
  })

  it('say what is not emulated when they are told what is', () => {
    const text = dts(new Set(['NdisFreePacket']))
    expect(text).toMatch(/Not emulated yet[^/]*\*\/\nexport function NdisFreeBuffer\(/)
    expect(text).not.toMatch(/Not emulated yet[^/]*\*\/\nexport function NdisFreePacket\(/)
  })
})
