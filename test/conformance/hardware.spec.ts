import { conform } from './conformance'

/** A bus master of NDIS 5; `initialize` and `halt` are statements of its handlers. */
const master5 = (initialize: string, halt = ''): string => `let adapter = 0
const Virtual = out(), Physical = storage(NDIS_PHYSICAL_ADDRESS), Status = out()
export function DriverEntry(DriverObject, RegistryPath) {
  return miniport5(DriverObject, RegistryPath, {
    attributes: NDIS_ATTRIBUTE_DESERIALIZE | NDIS_ATTRIBUTE_BUS_MASTER,
    initialize(Adapter, Wrapper) { adapter = Adapter
${initialize} },
    halt() { ${halt} },
  })
}`
const FREE = 'NdisMFreeSharedMemory(adapter, 4096, 1, Virtual.value, NDIS_PHYSICAL_ADDRESS.at(Physical).QuadPart)'

conform([
  {
    page: 'DDI ndismallocatesharedmemory, ndismfreesharedmemory',
    cases: [
      {
        says: 'memory that the device reaches, given back in halt',
        script: master5(
          `NdisMAllocateMapRegisters(adapter, 0, NDIS_DMA_32BITS, 1, 4096)
NdisMAllocateSharedMemory(adapter, 4096, 1, Virtual, Physical)
say(Virtual.value !== 0, NDIS_PHYSICAL_ADDRESS.at(Physical).QuadPart !== 0n)
bytes(Virtual.value, 4096)[4095] = 1`,
          `${FREE}; NdisMFreeMapRegisters(adapter)`,
        ),
        output: ['true true'],
      },
      {
        says: 'what is left after halt is a leak',
        script: master5(
          `NdisMAllocateMapRegisters(adapter, 0, NDIS_DMA_32BITS, 1, 4096)
NdisMAllocateSharedMemory(adapter, 4096, 1, Virtual, Physical)`,
          'NdisMFreeMapRegisters(adapter)',
        ),
        violations: ['DV:DmaMisuse'],
      },
    ],
  },
  {
    page: 'PV NdisMAllocateMapRegisters',
    cases: [
      {
        says: 'they are freed in halt: else they are lost',
        script: master5('say(nameOf(NdisMAllocateMapRegisters(adapter, 0, NDIS_DMA_32BITS, 4, 4096)))'),
        output: ['SUCCESS'],
        violations: ['DV:DmaMisuse'],
      },
    ],
  },
  {
    page: 'PV NdisMRegisterIoPortRange, NdisMQueryAdapterResources',
    cases: [
      {
        says: 'a range of ports is deregistered in halt',
        script: master5('say(nameOf(NdisMRegisterIoPortRange(Virtual, adapter, 0x300, 32)))'),
        output: ['SUCCESS'],
        violations: ['PortRangeLeftBehind'],
      },
      {
        says: 'a port where no device answers reads as ones',
        script: master5(
          `NdisMRegisterIoPortRange(Virtual, adapter, 0x300, 32)
const Data = out(); NdisRawReadPortUchar(Virtual.value + 4, Data); say(Data.value)`,
          'NdisMDeregisterIoPortRange(adapter, 0x300, 32, Virtual.value)',
        ),
        output: ['255'],
      },
    ],
  },
])
