/** Drivers of a real device, as a person could write them: the copying device, by ports and by registers, in both generations. */
import { describe, expect, test } from 'vitest'
import { createCopyDevice } from '../core/nic/copy-device'
import type { RunConfig } from '../shared/engine'
import { runScript } from './test-driver'

const NAMES =
  /\b(?:Ndis|NDIS_|READ_|WRITE_|CM_|CmResource|PCI_|IO_|Ke|DbgPrint|U(?:CHAR|SHORT|LONG|INT)\b|out\b|bytes\b|storage\b|sizeof\b)\w*/g

function run(source: string, config: Partial<RunConfig> = {}) {
  const used = new Set(source.match(NAMES))
  const report = runScript(`import { ${[...used].join(', ')} } from 'ndis'\n${source}`, config, {
    devices: [createCopyDevice],
  })
  return { ...report, rules: report.violations.map(({ rule }) => rule) }
}
function clean(source: string, config: Partial<RunConfig> = {}): readonly string[] {
  const { output, violations, bugcheck, leaks, error } = run(source, config)
  expect({ violations, bugcheck, leaks, error }).toEqual({
    violations: [],
    bugcheck: null,
    leaks: [],
    error: undefined,
  })
  return output
}

/** Registers of the copying device and a piece of shared memory to copy in. */
const DEVICE = `
const SOURCE = 0, TARGET = 4, LENGTH = 8, DOORBELL = 12, CAUSE = 16, MASK = 20, DONE = 1
const log = (text, ...values) => DbgPrint(text + '\\n', ...values)
let adapter = 0, virtual = 0, physical = 0n, ports = 0, portCount = 0, memory = 0n, memoryLength = 0
function readResources(list) {
  for (let i = 0; i < NDIS_RESOURCE_LIST.at(list).Count; i++) {
    const resource = CM_PARTIAL_RESOURCE_DESCRIPTOR.at(list + 8 + i * sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR))
    if (resource.Type === CmResourceTypePort) {
      ports = Number(resource.u.Port.Start.QuadPart)
      portCount = resource.u.Port.Length
    }
    if (resource.Type === CmResourceTypeMemory) {
      memory = resource.u.Memory.Start.QuadPart
      memoryLength = resource.u.Memory.Length
    }
    if (resource.Type === CmResourceTypeInterrupt) log('interrupt %d', resource.u.Interrupt.Vector)
  }
}
function allocateShared() {
  const address = out(), start = storage(NDIS_PHYSICAL_ADDRESS)
  NdisMAllocateSharedMemory(adapter, 64, 0, address, start)
  virtual = address.value
  physical = NDIS_PHYSICAL_ADDRESS.at(start).QuadPart
  bytes(virtual, 32).fill(0xaa)
  bytes(virtual + 32, 32).fill(0)
}
const freeShared = () => NdisMFreeSharedMemory(adapter, 64, 0, virtual, physical)
const copied = () => bytes(virtual + 32, 4).toString()
`

const byPorts = (start: string, halt = '', config = ''): string => `${DEVICE}
const interrupt = storage(NDIS_MINIPORT_INTERRUPT), timer = storage(NDIS_MINIPORT_TIMER)
const write = (register, value) => NdisRawWritePortUlong(ports + register, value)
const read = (register) => { const data = out(); NdisRawReadPortUlong(ports + register, data); return data.value }
export function DriverEntry(DriverObject, RegistryPath) {
  const wrapper = out()
  NdisMInitializeWrapper(wrapper, DriverObject, RegistryPath, 0)
  return NdisMRegisterMiniport(wrapper.value, {
    MajorNdisVersion: 5, MinorNdisVersion: 1,
    InitializeHandler(OpenError, SelectedMediumIndex, MediumArray, size, MiniportAdapterHandle, Configuration) {
      adapter = MiniportAdapterHandle
      SelectedMediumIndex.value = 0
      NdisMSetAttributesEx(adapter, 77, 0, NDIS_ATTRIBUTE_BUS_MASTER | NDIS_ATTRIBUTE_DESERIALIZE, NdisInterfacePci)
      const status = out(), bytesNeeded = out()
      bytesNeeded.value = 0
      NdisMQueryAdapterResources(status, Configuration, 0, bytesNeeded)
      const list = storage(UCHAR, 256)
      NdisMQueryAdapterResources(status, Configuration, list, bytesNeeded)
      readResources(list)
      NdisMInitializeScatterGatherDma(adapter, 0, 1500)
      const offset = out()
      log('ports %x', NdisMRegisterIoPortRange(offset, adapter, ports, portCount))
      allocateShared()
      NdisMRegisterInterrupt(interrupt, adapter, 9, 9, 1, 1, NdisInterruptLevelSensitive)
      ${config}
      NdisMInitializeTimer(timer, adapter, () => { ${start} }, 0)
      NdisMSetTimer(timer, 10)
      return NDIS_STATUS_SUCCESS
    },
    ISRHandler(recognized, queue) {
      const cause = read(CAUSE)
      if (cause === 0) return
      write(CAUSE, cause)
      recognized.value = 1
      queue.value = 1
      log('isr %d', cause)
    },
    HandleInterruptHandler() { log('dpc %s', copied()) },
    HaltHandler() {
      write(MASK, 0)
      NdisMDeregisterInterrupt(interrupt)
      freeShared()
      ${halt || 'NdisMDeregisterIoPortRange(adapter, ports, portCount, ports)'}
    },
    ResetHandler() { return NDIS_STATUS_SUCCESS },
    QueryInformationHandler() { return NDIS_STATUS_NOT_SUPPORTED },
    SetInformationHandler() { return NDIS_STATUS_NOT_SUPPORTED },
    SendHandler() { return NDIS_STATUS_SUCCESS },
  }, sizeof(NDIS_MINIPORT_CHARACTERISTICS))
}`
const START = `
  write(SOURCE, Number(physical)); write(TARGET, Number(physical) + 32); write(LENGTH, 4); write(MASK, DONE)
  write(DOORBELL, 1)`

describe('a miniport of NDIS 5 that programs its device through ports', () => {
  test('finds its resources, copies by DMA, takes the interrupt', () => {
    expect(clean(byPorts(START))).toEqual(['interrupt 9', 'ports 0', 'isr 1', 'dpc aa aa aa aa'])
  })
  test.each([1, 2, 3, 4, 5])('the same on four CPUs, seed %i', (seed) => {
    expect(clean(byPorts(START), { cpus: 4, seed })).toEqual(['interrupt 9', 'ports 0', 'isr 1', 'dpc aa aa aa aa'])
  })
  test('the same on CE', () => {
    expect(clean(byPorts(START), { platform: 'ce' })).toHaveLength(4)
  })
  test('reads PCI configuration space', () => {
    const output = clean(
      byPorts(
        'write(MASK, 0)',
        '',
        `const config = storage(PCI_COMMON_CONFIG)
         log('config %d', NdisReadPciSlotInformation(adapter, 0, 0, config, sizeof(PCI_COMMON_CONFIG)))
         log('vendor %x bar %x', PCI_COMMON_CONFIG.at(config).VendorID, PCI_COMMON_CONFIG.at(config).u.type0.BaseAddresses[0])`,
      ),
    )
    expect(output.slice(2)).toEqual(['config 256', 'vendor fffe bar 78000000'])
  })
  test('a virtual address given to the device is refused by name', () => {
    const { rules, output } = run(byPorts(START.replaceAll('physical)', 'virtual)').replace('DONE', '3')))
    expect(rules).toEqual(['DV:DmaMisuse'])
    expect(output.at(-2)).toBe('isr 2')
  })
  test('ports left registered are a violation of the line that registered them', () => {
    const { violations } = run(byPorts(START, 'log("halted")'))
    expect(violations.map(({ rule, stack }) => [rule, stack.length])).toEqual([['PortRangeLeftBehind', 0]])
    expect(violations[0]!.file).toBe('driver.ts')
  })
  test('without an ISR NDIS disables and enables the interrupt around MiniportHandleInterrupt', () => {
    const source = byPorts(START)
      .replace('adapter, 9, 9, 1, 1,', 'adapter, 9, 9, 0, 0,')
      .replace(
        /ISRHandler[^]*?HandleInterruptHandler\(\) \{ /,
        `DisableInterruptHandler() { write(MASK, 0); log('disable') },
         EnableInterruptHandler() { write(MASK, DONE); log('enable') },
         HandleInterruptHandler() { write(CAUSE, DONE); `,
      )
    expect(clean(source).slice(2)).toEqual(['disable', 'dpc aa aa aa aa', 'enable'])
  })
  test('an interrupt that is enabled while its cause stays comes for ever, and is masked', () => {
    const source = byPorts(START)
      .replace('adapter, 9, 9, 1, 1,', 'adapter, 9, 9, 0, 0,')
      .replace(
        /ISRHandler[^]*?HandleInterruptHandler\(\) \{.*/,
        `DisableInterruptHandler() { write(MASK, 0) },
         EnableInterruptHandler() { write(MASK, DONE) },
         HandleInterruptHandler() {},`,
      )
    expect(run(source).rules).toEqual(['InterruptStorm'])
  })
  test('an ISR that forgets its device does not hang the machine', () => {
    const { rules } = run(byPorts(START).replace('write(CAUSE, cause)', ''))
    expect(rules).toEqual(['InterruptStorm'])
  })
})

const byRegisters = (start: string, initialize = '', halt = ''): string => `${DEVICE}
let driver = 0, interrupt = 0, base = 0, dma = 0
export function DriverEntry(DriverObject, RegistryPath) {
  const handle = out()
  const status = NdisMRegisterMiniportDriver(DriverObject, RegistryPath, 0, {
    Header: { Type: NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS, Revision: NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1, Size: NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1 },
    MajorNdisVersion: 6, MinorNdisVersion: 0,
    InitializeHandlerEx(MiniportAdapterHandle, context, parameters) {
      adapter = MiniportAdapterHandle
      NdisMSetMiniportAttributes(adapter, { RegistrationAttributes: {
        Header: { Type: NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES, Revision: NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1, Size: NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1 },
        MiniportAdapterContext: 66, AttributeFlags: NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER, InterfaceType: NdisInterfacePci,
      } })
      readResources(NDIS_MINIPORT_INIT_PARAMETERS.at(parameters).AllocatedResources)
      const address = out()
      log('mapped %x', NdisMMapIoSpace(address, adapter, memory, memoryLength))
      base = address.value
      const dmaHandle = out()
      NdisMRegisterScatterGatherDma(adapter, {
        Header: { Type: NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION, Revision: NDIS_SG_DMA_DESCRIPTION_REVISION_1, Size: NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1 },
        MaximumPhysicalMapping: 1500, ProcessSGListHandler() {},
      }, dmaHandle)
      dma = dmaHandle.value
      allocateShared()
      const interruptHandle = out()
      NdisMRegisterInterruptEx(adapter, 9, {
        Header: { Type: NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT, Revision: NDIS_MINIPORT_INTERRUPT_REVISION_1, Size: NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1 },
        InterruptHandler(context, queueDefault, targets) {
          const cause = READ_REGISTER_ULONG(base + CAUSE)
          if (cause === 0) return 0
          NdisWriteRegisterUlong(base + CAUSE, cause)
          log('isr %d', cause)
          queueDefault.value = 1
          return 1
        },
        InterruptDpcHandler() { log('dpc %s', copied()) },
      }, interruptHandle)
      interrupt = interruptHandle.value
      ${initialize}
      return NDIS_STATUS_SUCCESS
    },
    HaltHandlerEx() {
      NdisMDeregisterInterruptEx(interrupt)
      freeShared()
      NdisMDeregisterScatterGatherDma(dma)
      NdisMUnmapIoSpace(adapter, base, memoryLength)
      ${halt}
    },
    UnloadHandler() { NdisMDeregisterMiniportDriver(driver) },
    PauseHandler() { return NDIS_STATUS_SUCCESS },
    RestartHandler() { ${start}; NdisMSleep(100); return NDIS_STATUS_SUCCESS },
    OidRequestHandler() { return NDIS_STATUS_NOT_SUPPORTED },
    SendNetBufferListsHandler() {}, ReturnNetBufferListsHandler() {}, CancelSendHandler() {},
    DevicePnPEventNotifyHandler() {}, ShutdownHandlerEx() {}, CancelOidRequestHandler() {},
  }, handle)
  driver = handle.value
  return status
}`

const RESULT = ['interrupt 9', 'mapped 0', 'isr 1', 'dpc aa aa aa aa']

describe('a miniport of NDIS 6 that programs its device through mapped registers', () => {
  test('with NdisWriteRegister and WRITE_REGISTER', () => {
    const start = `
      NdisWriteRegisterUlong(base + SOURCE, Number(physical)); WRITE_REGISTER_ULONG(base + TARGET, Number(physical) + 32)
      WRITE_REGISTER_ULONG(base + LENGTH, 4); NdisWriteRegisterUlong(base + MASK, DONE); WRITE_REGISTER_ULONG(base + DOORBELL, 1)`
    expect(clean(byRegisters(start))).toEqual(RESULT)
  })
  test('with cells at the addresses of registers: one access of the right width each', () => {
    const start = `
      ULONG.at(base + SOURCE).value = Number(physical); ULONG.at(base + TARGET).value = Number(physical) + 32
      ULONG.at(base + LENGTH).value = 4; ULONG.at(base + MASK).value = DONE
      log('%x %x %x', ULONG.at(base + SOURCE).value === Number(physical), USHORT.at(base + LENGTH).value, UCHAR.at(base + MASK).value)
      ULONG.at(base + DOORBELL).value = 1`
    expect(clean(byRegisters(start))).toEqual([...RESULT.slice(0, 2), '1 4 1', ...RESULT.slice(2)])
  })
  test('with a struct that is laid over the registers, and with their bytes', () => {
    // LUID-like: a LARGE_INTEGER covers SOURCE and TARGET, a LIST_ENTRY LENGTH and DOORBELL.
    const start = `
      NDIS_PHYSICAL_ADDRESS.at(base + SOURCE).LowPart = Number(physical)
      NDIS_PHYSICAL_ADDRESS.at(base + SOURCE).HighPart = Number(physical) + 32
      const both = NDIS_PHYSICAL_ADDRESS.at(base + SOURCE).QuadPart
      log('%d', both === (physical + 32n << 32n | physical))
      NDIS_PHYSICAL_ADDRESS.at(base + SOURCE).QuadPart = both
      const registers = bytes(base, 32)
      log('%s %d', registers.subarray(4, 6).toString(), registers[0] === Number(physical & 0xffn))
      ULONG.at(base + LENGTH).value = 4; ULONG.at(base + MASK).value = DONE
      ULONG.at(base + DOORBELL).value = 1`
    const output = clean(byRegisters(start))
    expect(output[2]).toBe('1')
    expect(output[3]).toMatch(/^[0-9a-f]{2} [0-9a-f]{2} 1$/)
    expect(output.slice(4)).toEqual(RESULT.slice(2))
  })
  test('a cell behind the mapping, and one that outlives it', () => {
    const { rules, bugcheck } = run(
      byRegisters('ULONG.at(base + 0x100).value', 'globalThis', 'ULONG.at(base + MASK).value'),
    )
    expect(rules).toEqual(['DeviceMemoryNotMapped', 'DeviceMemoryNotMapped'])
    expect(bugcheck?.name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
  })
  test.each([1, 2, 3])('on two CPUs, seed %i', (seed) => {
    const start = `
      ULONG.at(base + SOURCE).value = Number(physical); ULONG.at(base + TARGET).value = Number(physical) + 32
      ULONG.at(base + LENGTH).value = 4; ULONG.at(base + MASK).value = DONE; ULONG.at(base + DOORBELL).value = 1`
    expect(clean(byRegisters(start), { cpus: 2, seed })).toEqual(RESULT)
  })
  test('with the rules off', () => {
    const start = `
      ULONG.at(base + SOURCE).value = Number(physical); ULONG.at(base + TARGET).value = Number(physical) + 32
      ULONG.at(base + LENGTH).value = 4; ULONG.at(base + MASK).value = DONE; ULONG.at(base + DOORBELL).value = 1`
    expect(clean(byRegisters(start), { rules: false })).toEqual(RESULT)
  })
  test('with interrupt messages', () => {
    const start = `
      ULONG.at(base + SOURCE).value = Number(physical); ULONG.at(base + TARGET).value = Number(physical) + 32
      ULONG.at(base + LENGTH).value = 4; ULONG.at(base + MASK).value = DONE; ULONG.at(base + DOORBELL).value = 1`
    const handlers = `MsiSupported: 1,
        MessageInterruptHandler(context, message, queueDefault) {
          const cause = READ_REGISTER_ULONG(base + CAUSE)
          NdisWriteRegisterUlong(base + CAUSE, cause)
          log('message %d: isr %d', message, cause)
          queueDefault.value = 1
          return 1
        },
        MessageInterruptDpcHandler(context, message) { log('message %d: dpc %s', message, copied()) },
        InterruptDpcHandler()`
    expect(clean(byRegisters(start).replace('InterruptDpcHandler()', handlers))).toEqual([
      ...RESULT.slice(0, 2),
      'message 0: isr 1',
      'message 0: dpc aa aa aa aa',
    ])
  })
})
