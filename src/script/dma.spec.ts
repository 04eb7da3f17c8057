/** DMA as drivers do it: a miniport of NDIS 6 and one of NDIS 5, from registration to halt. */
import { describe, expect, test } from 'vitest'
import type { RunConfig } from '../shared/engine'
import { runScript } from './test-driver'

/** Runs a driver whose imports are found by name; lines of its output, and names of the rules that it broke. */
function run(source: string, config: Partial<RunConfig> = {}) {
  const used = new Set(
    source.match(/\b(?:Ndis|NDIS_|Ke|DbgPrint|UINT|ULONG|PVOID|SCATTER_|NET_BUFFER|out\b|storage\b|sizeof\b)\w*/g),
  )
  const report = runScript(`import { ${[...used].join(', ')} } from 'ndis'\n${source}`, config)
  return {
    output: report.output,
    rules: report.violations.map(({ rule }) => rule),
    lines: report.violations.map(({ line }) => line),
    bugcheck: report.bugcheck,
    error: report.error,
  }
}
const clean = { bugcheck: null, error: undefined, rules: [], lines: [] }

/** A miniport of NDIS 6 whose NIC is a bus master; `initialize` and `halt` are statements of its handlers. */
const miniport6 = (initialize: string, halt: string, top = ''): string => `
let driver = 0, adapter = 0, Dma = 0
const log = (what, value) => DbgPrint('%s %d\\n', what, value)
const handle = out(), virtual = out(), physical = storage(NDIS_PHYSICAL_ADDRESS)
const attributes = { RegistrationAttributes: {
  Header: { Type: NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES, Revision: 1,
            Size: NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1 },
  MiniportAdapterContext: 77, AttributeFlags: NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER,
} }
const header = { Type: NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION, Revision: NDIS_SG_DMA_DESCRIPTION_REVISION_1,
                 Size: NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1 }
${top}
export function DriverEntry(DriverObject, RegistryPath) {
  const status = NdisMRegisterMiniportDriver(DriverObject, RegistryPath, 0, {
    Header: { Type: NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS, Revision: 1,
              Size: NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1 },
    MajorNdisVersion: 6, MinorNdisVersion: 20,
    InitializeHandlerEx(MiniportAdapterHandle) {
      adapter = MiniportAdapterHandle
      NdisMSetMiniportAttributes(adapter, attributes)
      ${initialize}
      return NDIS_STATUS_SUCCESS
    },
    HaltHandlerEx() { ${halt} },
    PauseHandler: () => NDIS_STATUS_SUCCESS,
    RestartHandler: () => NDIS_STATUS_SUCCESS,
    UnloadHandler() { NdisMDeregisterMiniportDriver(driver) },
    OidRequestHandler: () => NDIS_STATUS_NOT_SUPPORTED,
    CancelOidRequestHandler() {},
    SendNetBufferListsHandler() {},
    CancelSendHandler() {},
    ReturnNetBufferListsHandler() {},
    CheckForHangHandlerEx: () => 0,
    ResetHandlerEx: () => NDIS_STATUS_SUCCESS,
    DevicePnPEventNotifyHandler() {},
    ShutdownHandlerEx() {},
  }, handle)
  driver = handle.value
  return status
}`

/** Maps one NET_BUFFER of 3000 bytes at DISPATCH_LEVEL. */
const SEND = `
const description = storage(NDIS_SG_DMA_DESCRIPTION), data = storage(ULONG, 750), nb = storage(NET_BUFFER)
let list = 0, mdl = 0
function process(pDO, Reserved, pSGL, Context) {
  const { NumberOfElements } = SCATTER_GATHER_LIST.at(pSGL)
  let bytes = 0
  for (let i = 0; i < NumberOfElements; i++)
    bytes += SCATTER_GATHER_ELEMENT.at(pSGL + 8 + i * sizeof(SCATTER_GATHER_ELEMENT)).Length
  log('bytes at ' + KeGetCurrentIrql(), bytes)
  list = pSGL
}
function register() {
  const view = NDIS_SG_DMA_DESCRIPTION.at(description)
  Object.assign(view.Header, header)
  view.MaximumPhysicalMapping = 3000
  view.ProcessSGListHandler = process
  log('registered', NdisMRegisterScatterGatherDma(adapter, description, handle))
  Dma = handle.value
  log('room', view.ScatterGatherListSize)
}
function map() {
  mdl = NdisAllocateMdl(adapter, data, 3000)
  const view = NET_BUFFER.at(nb)
  view.MdlChain = mdl
  view.CurrentMdl = mdl
  view.DataLength = 3000
  const old = out()
  KeRaiseIrql(2, old)
  log('mapped', NdisMAllocateNetBufferSGList(Dma, nb, 0, NDIS_SG_LIST_WRITE_TO_DEVICE, 0, 0))
  KeLowerIrql(old.value)
}
function unmap() {
  const old = out()
  KeRaiseIrql(2, old)
  NdisMFreeNetBufferSGList(Dma, list, nb)
  KeLowerIrql(old.value)
  NdisFreeMdl(mdl)
}`

describe('a miniport of NDIS 6 (DDI ndismregisterscattergatherdma, ndismallocatenetbuffersglist)', () => {
  test.each([1, 2, 3, 4])('maps a NET_BUFFER, seed %i', (seed) => {
    const { output, ...rest } = run(
      miniport6('register(); map()', 'unmap(); NdisMDeregisterScatterGatherDma(Dma)', SEND),
      { seed },
    )
    expect(rest).toEqual(clean)
    // In the call, or in a DPC right after it.
    expect([...output].sort()).toEqual(['bytes at 2 3000', 'mapped 0', 'registered 0', 'room 40'])
  })
  test('what is left at halt names the lines that made it', () => {
    const { rules } = run(miniport6('register(); map()', '', SEND))
    expect(rules).toEqual(expect.arrayContaining(['Init_RegisterSG', 'DV:DmaMisuse']))
  })
  test('so is what a failed MiniportInitializeEx leaves', () => {
    const { rules } = run(miniport6('register(); return NDIS_STATUS_RESOURCES', '', SEND))
    expect(rules).toEqual(['Init_RegisterSG'])
  })
  test('at PASSIVE_LEVEL the lists are refused by the IRQL rule', () => {
    const { rules } = run(
      miniport6(
        'register(); map()',
        'NdisMFreeNetBufferSGList(Dma, list, nb); NdisFreeMdl(mdl); NdisMDeregisterScatterGatherDma(Dma)',
        SEND,
      ),
    )
    expect(rules).toEqual(['Irql_Gather_DMA_Function'])
  })
  test('shared memory comes later, too (DDI ndismallocatesharedmemoryasyncex)', () => {
    const { output, ...rest } = run(
      miniport6(
        `NdisMRegisterScatterGatherDma(adapter, { Header: header, ProcessSGListHandler() {},
           SharedMemAllocateCompleteHandler(context, address, at, length, own) {
             log('context ' + context + ' own ' + own, length)
             memory = address
             where = NDIS_PHYSICAL_ADDRESS.at(at).QuadPart
           } }, handle)
         Dma = handle.value
         NdisMAllocateSharedMemory(adapter, 128, 1, virtual, physical)
         log('pending', NdisMAllocateSharedMemoryAsyncEx(Dma, 256, 1, 5))`,
        `NdisMFreeSharedMemory(adapter, 128, 1, virtual.value, NDIS_PHYSICAL_ADDRESS.at(physical).QuadPart)
         NdisMFreeSharedMemory(adapter, 256, 1, memory, where)
         NdisMDeregisterScatterGatherDma(Dma)`,
        'let memory = 0, where = 0n',
      ),
    )
    expect(rest).toEqual(clean)
    expect(output).toEqual(['pending 259', 'context 77 own 5 256'])
  })
  test('there is no shared memory without DMA', () => {
    const { output, rules } = run(
      miniport6("NdisMAllocateSharedMemory(adapter, 128, 1, virtual, physical); log('at', virtual.value)", ''),
    )
    expect(output).toEqual(['at 0'])
    expect(rules).toContain('SharedMemoryWithoutDma')
  })
})

describe('a miniport of NDIS 5 (PV ff552300, ff553646)', () => {
  const miniport5 = (initialize: string, halt: string, flags = 'NDIS_ATTRIBUTE_BUS_MASTER'): string => `
let adapter = 0
const handle = out(), size = out(), virtual = out(), physical = storage(NDIS_PHYSICAL_ADDRESS)
const units = storage(NDIS_PHYSICAL_ADDRESS_UNIT, 4), data = storage(ULONG, 100)
const log = (what, value) => DbgPrint('%s %d\\n', what, value)
let buffer = 0
export function DriverEntry(DriverObject, RegistryPath) {
  NdisMInitializeWrapper(handle, DriverObject, RegistryPath, 0)
  return NdisMRegisterMiniport(handle.value, {
    MajorNdisVersion: 5, MinorNdisVersion: 1,
    InitializeHandler(OpenError, SelectedMediumIndex, MediumArray, count, MiniportAdapterHandle) {
      adapter = MiniportAdapterHandle
      NdisMSetAttributesEx(adapter, 77, 0, ${flags}, 5)
      SelectedMediumIndex.value = 0
      ${initialize}
      return NDIS_STATUS_SUCCESS
    },
    HaltHandler() { ${halt} },
    ResetHandler: () => NDIS_STATUS_SUCCESS,
    QueryInformationHandler: () => NDIS_STATUS_NOT_SUPPORTED,
    SetInformationHandler: () => NDIS_STATUS_NOT_SUPPORTED,
    SendHandler: () => NDIS_STATUS_SUCCESS,
  }, sizeof(NDIS_MINIPORT_CHARACTERISTICS))
}`
  const allocate = "log('registers', NdisMAllocateMapRegisters(adapter, 0, NDIS_DMA_32BITS, 4, 1514))"
  const map = `buffer = NdisAllocateMdl(adapter, data, 400)
    NdisMStartBufferPhysicalMapping(adapter, buffer, 2, 1, units, size)
    log('pieces', size.value)
    log('first', NDIS_PHYSICAL_ADDRESS_UNIT.at(units).Length)`
  const unmap = 'NdisMCompleteBufferPhysicalMapping(adapter, buffer, 2); NdisFreeMdl(buffer)'

  test('maps a buffer through a map register', () => {
    const { output, ...rest } = run(miniport5(`${allocate}; ${map}`, `${unmap}; NdisMFreeMapRegisters(adapter)`))
    expect(rest).toEqual(clean)
    expect(output).toEqual(['registers 0', 'pieces 1', 'first 400'])
  })
  test('leaves its mapping open and its map registers behind', () => {
    const { rules } = run(miniport5(`${allocate}; ${map}`, 'NdisFreeMdl(buffer)'))
    expect(rules).toEqual(['DV:DmaMisuse', 'DV:DmaMisuse'])
  })
  test('says that its NIC takes lists, and has shared memory then', () => {
    const { output, ...rest } = run(
      miniport5(
        `log('lists', NdisMInitializeScatterGatherDma(adapter, 0, 1514))
         NdisMAllocateSharedMemory(adapter, 128, 0, virtual, physical)
         NdisMUpdateSharedMemory(adapter, 128, virtual.value, NDIS_PHYSICAL_ADDRESS.at(physical).QuadPart)`,
        'NdisMFreeSharedMemory(adapter, 128, 0, virtual.value, NDIS_PHYSICAL_ADDRESS.at(physical).QuadPart)',
      ),
    )
    expect(rest).toEqual(clean)
    expect(output).toEqual(['lists 0'])
  })
  test('forgets NDIS_ATTRIBUTE_BUS_MASTER', () => {
    const { rules } = run(miniport5(allocate, '', '0'))
    expect(rules).toEqual(['BusMasterNotDeclared'])
  })
})
