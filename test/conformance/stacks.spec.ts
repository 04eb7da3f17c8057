import { readFileSync } from 'node:fs'
import path from 'node:path'
import { conform } from './conformance'

/** An example with one piece of it changed; its own imports stay. */
function changed(name: string, from: string, to: string): string {
  const text = readFileSync(path.resolve(import.meta.dirname, `../../examples/${name}.ts`), 'utf8')
  if (!text.includes(from)) throw new Error(`${name} has no '${from}'`)
  return text.replace(from, to)
}
const miniport = (generation: 5 | 6, of: string): string =>
  `export function DriverEntry(DriverObject, RegistryPath) {
  return miniport${generation}(DriverObject, RegistryPath, ${of})
}`
const send = { scenario: 'send', frames: 2 }

conform([
  {
    page: 'NET miniport adapter states and operations',
    cases: [
      {
        says: 'initialize, restart, pause, halt, unload, in this order',
        script: miniport(
          6,
          `{ initialize: () => say('initialize'), halt: () => say('halt'), unload: () => say('unload'),
  handlers: { PauseHandler: () => (say('pause'), NDIS_STATUS_SUCCESS), RestartHandler: () => (say('restart'), NDIS_STATUS_SUCCESS) } }`,
        ),
        output: ['initialize', 'restart', 'pause', 'halt', 'unload'],
      },
      {
        says: 'an adapter that fails to initialize is not halted',
        script: miniport(
          6,
          `{ initialize: () => NDIS_STATUS_RESOURCES, halt: () => say('halt'), unload: () => say('unload') }`,
        ),
        output: ['unload'],
      },
      {
        says: 'resources that are left after halt are leaks',
        script: miniport(6, `{ initialize() { memory(32) } }`),
        violations: ['DV:LeakAtUnload'],
        leaks: ['pool memory x1'],
      },
    ],
  },
  {
    page: 'DDI ndismsendnetbufferlistscomplete',
    cases: [
      {
        says: 'each list that is sent comes back',
        config: send,
        script: miniport(6, `{ halt: () => say('halt') }`),
        output: ['halt'],
      },
      {
        says: 'a list that never comes back is reported, not waited for',
        config: send,
        script: miniport(6, `{ handlers: { SendNetBufferListsHandler: () => undefined } }`),
        violations: ['NdisTimedDataHang', 'NdisTimedDataSend', 'PauseWithListsOut', 'HaltWithListsOut'],
      },
    ],
  },
  {
    page: 'PV MiniportInitialize, MiniportHalt, MiniportSend',
    cases: [
      {
        says: 'initialize, then sends, then halt',
        config: send,
        script: miniport(
          5,
          `{ initialize: () => say('initialize'), halt: () => say('halt'),
  handlers: { SendHandler: () => (say('send'), NDIS_STATUS_SUCCESS) } }`,
        ),
        output: ['initialize', 'send', 'send', 'halt'],
      },
      {
        says: 'what is pending is completed by NdisMSendComplete',
        config: send,
        script: `let adapter = 0
${miniport(
  5,
  `{ initialize(Adapter) { adapter = Adapter },
  handlers: { SendHandler(Context, Packet) {
    const Timer = storage(NDIS_MINIPORT_TIMER)
    NdisMInitializeTimer(Timer, adapter, () => { say('complete'); NdisMSendComplete(adapter, Packet, NDIS_STATUS_SUCCESS) }, 0)
    NdisMSetTimer(Timer, 1)
    return NDIS_STATUS_PENDING
  } } }`,
)}`,
        output: ['complete', 'complete'],
      },
      {
        says: 'a packet that stays pending for ever is reported',
        config: send,
        script: miniport(5, `{ handlers: { SendHandler: () => NDIS_STATUS_PENDING } }`),
        violations: ['NdisTimedDataHang', 'NdisTimedDataSend'],
      },
    ],
  },
  {
    page: 'PV NdisMQueryAdapterInstanceName',
    cases: [
      {
        says: 'a copy of the name that the adapter has among people; the driver frees it',
        script: miniport(
          5,
          `{ initialize(Adapter) { const Name = storage(UNICODE_STRING)
  say(nameOf(NdisMQueryAdapterInstanceName(Name, Adapter)), UNICODE_STRING.at(Name).Length > 0)
  NdisFreeMemory(UNICODE_STRING.at(Name).Buffer, 0, 0) } }`,
        ),
        output: ['SUCCESS true'],
      },
    ],
  },
  {
    page: 'DDI protocol_receive_net_buffer_lists, ndisreturnnetbufferlists',
    cases: [
      {
        says: 'a protocol returns what it received',
        config: { scenario: 'receive', frames: 4 },
        script: changed('12-ndis6-protocol', "DbgPrint('HELLO: %u frames received\\n', binding.Received)", ''),
      },
      {
        says: 'a clone of an OID request is freed by the filter that made it (DDI ndisfreecloneoidrequest)',
        config: { scenario: 'lifecycle', frames: 1 },
        script: changed('13-ndis6-filter', 'NdisFreeCloneOidRequest(module.Handle, Clone)', '').replace(
          "if (module) DbgPrint('filter",
          "if (!module) DbgPrint('filter",
        ),
        violations: ['DV:LeakAtUnload'],
        leaks: ['pool memory x20'],
      },
      {
        says: 'a filter passes lists both ways, and back (NET filter module send and receive operations)',
        config: { scenario: 'echo', frames: 4 },
        script: changed('13-ndis6-filter', "if (module) DbgPrint('filter", "if (!module) DbgPrint('filter"),
      },
    ],
  },
  {
    page: 'PV MiniportReset, MiniportQueryInformation: a whole miniport of NDIS 5.1',
    cases: [
      {
        says: 'lives through every OID, pauses and resets',
        config: { scenario: 'lifecycle', frames: 2 },
        script: changed('15-ndis5-miniport', "const VENDOR = 'Loopback miniport'", "const VENDOR = 'Another'"),
      },
      {
        says: 'an answer to a buffer that is too short says how many bytes it takes',
        config: { scenario: 'lifecycle', frames: 1 },
        script: changed('15-ndis5-miniport', 'BytesNeeded.value = data.length', 'BytesNeeded.value = 0'),
        violations: ['OidBytesNeeded'],
      },
    ],
  },
])
