import { conform } from './conformance'

const KEYWORDS = { keywords: { RingSize: 64, Address: '02-00-00-00-00-01', NetworkAddress: '020000000002' } }
const driver = (body: string): string => `export function DriverEntry(DriverObject, RegistryPath) {
  return miniport5(DriverObject, RegistryPath, { initialize(Adapter, Wrapper) {
const Status = out(), Handle = out(), Value = out()
NdisOpenConfiguration(Status, Handle, Wrapper)
${body}
NdisCloseConfiguration(Handle.value)
  } })
}`

conform([
  {
    page: 'DDI ndisopenconfiguration, ndisreadconfiguration',
    cases: [
      {
        says: 'a keyword is found as a number or as text',
        config: KEYWORDS,
        script:
          driver(`NdisReadConfiguration(Status, Value, Handle.value, NDIS_STRING_CONST('RingSize'), NdisParameterInteger)
say(nameOf(Status.value), NDIS_CONFIGURATION_PARAMETER.at(Value.value).ParameterData.IntegerData)
NdisReadConfiguration(Status, Value, Handle.value, NDIS_STRING_CONST('address'), NdisParameterString)
say(nameOf(Status.value), NDIS_CONFIGURATION_PARAMETER.at(Value.value).ParameterData.StringData.Length)`),
        output: ['SUCCESS 64', 'SUCCESS 34'],
      },
      {
        says: 'one that nobody set is a failure',
        config: KEYWORDS,
        script:
          driver(`NdisReadConfiguration(Status, Value, Handle.value, NDIS_STRING_CONST('Nothing'), NdisParameterInteger)
say(nameOf(Status.value))`),
        output: ['FAILURE'],
      },
    ],
  },
  {
    page: 'DDI ndiswriteconfiguration',
    cases: [
      {
        says: 'what is written is read again',
        config: KEYWORDS,
        script:
          driver(`const Parameter = storage(NDIS_CONFIGURATION_PARAMETER), parameter = NDIS_CONFIGURATION_PARAMETER.at(Parameter)
parameter.ParameterType = NdisParameterInteger
parameter.ParameterData.IntegerData = 7
NdisWriteConfiguration(Status, Handle.value, NDIS_STRING_CONST('Written'), Parameter); say(nameOf(Status.value))
NdisReadConfiguration(Status, Value, Handle.value, NDIS_STRING_CONST('Written'), NdisParameterInteger)
say(nameOf(Status.value), NDIS_CONFIGURATION_PARAMETER.at(Value.value).ParameterData.IntegerData)`),
        output: ['SUCCESS', 'SUCCESS 7'],
      },
    ],
  },
  {
    page: 'DDI ndisreadnetworkaddress',
    cases: [
      {
        says: 'the address of the registry as bytes',
        config: KEYWORDS,
        script: driver(`const Address = out(), Length = out()
NdisReadNetworkAddress(Status, Address, Length, Handle.value)
say(nameOf(Status.value), Length.value, bytes(Address.value, 6).slice())`),
        output: ['SUCCESS 6 2,0,0,0,0,2'],
      },
      {
        says: 'a failure when there is none',
        script: driver(`const Address = out(), Length = out()
NdisReadNetworkAddress(Status, Address, Length, Handle.value)
say(nameOf(Status.value))`),
        output: ['FAILURE'],
      },
    ],
  },
  {
    page: 'DDI ndiscloseconfiguration',
    cases: [
      {
        says: 'a handle that stays open is a leak',
        script: driver('').replace('NdisCloseConfiguration(Handle.value)', ''),
        violations: ['DV:LeakAtUnload'],
        leaks: ['configuration handle x1'],
      },
      {
        says: 'a handle is closed once',
        script: driver('NdisCloseConfiguration(Handle.value)'),
        violations: ['ConfigurationClosed'],
      },
    ],
  },
])
