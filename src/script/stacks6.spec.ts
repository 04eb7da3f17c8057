import { describe, expect, test } from 'vitest'
import type { RunConfig } from '../shared/engine'
import { runScript } from './test-driver'

const NAMES = `NDIS_FILTER_ATTRIBUTES_REVISION_1, NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES, NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS,
NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1, NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_1, NDIS_STATUS_SUCCESS,
NdisFDeregisterFilterDriver, NdisFIndicateReceiveNetBufferLists, NdisFIndicateStatus, NdisFRegisterFilterDriver,
NdisFReturnNetBufferLists, NdisFSendNetBufferLists, NdisFSendNetBufferListsComplete, NdisFSetAttributes,
NdisFreeNetBufferList, NET_BUFFER_LIST, DRIVER_OBJECT, DbgPrint, out`

/** A filter driver that passes everything on; parts of it may be given anew. NDIS has its own NIC and protocol around it. */
const filter = (
  parts: { send?: string; receive?: string; unload?: string } = {},
): string => `import { ${NAMES} } from 'ndis'
let driver = 0, module = 0, sent = 0, received = 0
export function DriverEntry(DriverObject, RegistryPath) {
  const handle = out()
  const status = NdisFRegisterFilterDriver(DriverObject, 0, {
    Header: { Type: NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS, Revision: 1, Size: NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_1 },
    MajorNdisVersion: 6, MinorNdisVersion: 0,
    AttachHandler(NdisFilterHandle) {
      module = NdisFilterHandle
      return NdisFSetAttributes(module, 1, { Header: { Type: NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES, Revision: NDIS_FILTER_ATTRIBUTES_REVISION_1, Size: NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1 }, Flags: 0 })
    },
    DetachHandler() { DbgPrint('detach\\n') },
    RestartHandler() { DbgPrint('restart\\n'); return NDIS_STATUS_SUCCESS },
    PauseHandler() { DbgPrint('pause\\n'); return NDIS_STATUS_SUCCESS },
    SendNetBufferListsHandler(context, lists, port, flags) {
      sent++
      ${parts.send ?? 'NdisFSendNetBufferLists(module, lists, port, flags)'}
    },
    SendNetBufferListsCompleteHandler(context, lists, flags) { NdisFSendNetBufferListsComplete(module, lists, flags) },
    ReceiveNetBufferListsHandler(context, lists, port, count, flags) {
      received++
      ${parts.receive ?? 'NdisFIndicateReceiveNetBufferLists(module, lists, port, count, flags)'}
    },
    ReturnNetBufferListsHandler(context, lists, flags) { NdisFReturnNetBufferLists(module, lists, flags) },
    StatusHandler(context, indication) { NdisFIndicateStatus(module, indication) },
  }, handle)
  driver = handle.value
  DRIVER_OBJECT.at(DriverObject).DriverUnload = () => {
    DbgPrint('%s %s\\n', sent > 0 ? 'sent' : 'silent', received > 0 ? 'received' : 'deaf')
    ${parts.unload ?? 'NdisFDeregisterFilterDriver(driver)'}
  }
  return status
}`
const run = (source: string, config: Partial<RunConfig> = {}) => runScript(source, { scenario: 'echo', ...config })
const rules = (source: string, config: Partial<RunConfig> = {}): string[] => [
  ...new Set(run(source, config).violations.map((violation) => violation.rule)),
]

describe('a filter driver between the NIC and the protocol of the workbench', () => {
  test.each([
    [1, 1],
    [2, 1],
    [3, 4],
    [4, 4],
  ])('passes frames both ways without a violation or a leak: seed %i, %i CPUs', (seed, cpus) => {
    const report = run(filter(), { seed, cpus })
    expect([report.outcome, report.violations, report.leaks]).toEqual(['clean', [], []])
    expect(report.output.at(0)).toBe('restart')
    expect(report.output.slice(-3)).toEqual(['pause', 'detach', 'sent received'])
  })
  test('the same seed gives the same run', () => {
    const [first, second] = [run(filter(), { seed: 9, cpus: 4 }), run(filter(), { seed: 9, cpus: 4 })]
    expect(first.traceHash).toBe(second.traceHash)
  })
  test('a wrong count, a SourceHandle of its own in lists of others', () => {
    expect(
      rules(filter({ receive: 'NdisFIndicateReceiveNetBufferLists(module, lists, port, count + 1, flags)' })),
    ).toEqual(['NumberOfNetBufferLists'])
    expect(
      rules(
        filter({
          send: 'NET_BUFFER_LIST.at(lists).SourceHandle = module\n      NdisFSendNetBufferLists(module, lists, port, flags)',
        }),
      ),
    ).toEqual(['SourceHandle'])
  })
  test('what it completes twice', () => {
    const twice =
      'NdisFSendNetBufferListsComplete(module, lists, 0)\n      NdisFSendNetBufferListsComplete(module, lists, 0)'
    expect(rules(filter({ send: twice }))).toContain('NetBufferListOwnership')
  })
})
