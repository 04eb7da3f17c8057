/** The small routines of the kernel and C's declarations, in drivers as people write them. */
import { describe, expect, test } from 'vitest'
import { DISPATCH_LEVEL } from '../core/kernel/irql'
import { DEFAULT_RUN_CONFIG } from '../shared/engine'
import { Engine } from './engine'
import { tables } from './tables'
import { driverOf, runScript } from './test-driver'

describe('declarations of C', () => {
  test('are there and do nothing: ported text loads', () => {
    const report = runScript(`
      import {
        NDIS_DECLARE_MINIPORT_ADAPTER_CONTEXT, NDIS_DECLARE_PROTOCOL_OPEN_CONTEXT, NDIS_DECLARE_FILTER_MODULE_CONTEXT,
        NDIS_INIT_FUNCTION, NDIS_PAGEABLE_FUNCTION, C_ASSERT, sizeof, NDIS_PACKET, UNREFERENCED_PARAMETER,
      } from 'ndis'
      NDIS_DECLARE_MINIPORT_ADAPTER_CONTEXT()
      NDIS_DECLARE_PROTOCOL_OPEN_CONTEXT('OPEN')
      NDIS_DECLARE_FILTER_MODULE_CONTEXT(class Filter {})
      NDIS_INIT_FUNCTION(DriverEntry)
      NDIS_PAGEABLE_FUNCTION(DriverEntry)
      C_ASSERT(sizeof(NDIS_PACKET) > 0)
      export function DriverEntry(DriverObject, RegistryPath) {
        UNREFERENCED_PARAMETER(RegistryPath)
        return 0
      }`)
    expect([report.outcome, report.error]).toEqual(['clean', undefined])
  })
})

test('members have a size, too: RTL_FIELD_SIZE, RTL_SIZEOF_THROUGH_FIELD', () => {
  const report = runScript(
    driverOf(
      'RTL_FIELD_SIZE, RTL_SIZEOF_THROUGH_FIELD, FIELD_OFFSET, UNICODE_STRING, KTIMER, DbgPrint',
      `DbgPrint('%d %d %d %d\\n', RTL_FIELD_SIZE(UNICODE_STRING, 'MaximumLength'),
         RTL_SIZEOF_THROUGH_FIELD(UNICODE_STRING, 'MaximumLength'), RTL_FIELD_SIZE(KTIMER, 'Header.WaitListHead'),
         FIELD_OFFSET(KTIMER, 'Header.WaitListHead'))`,
    ),
  )
  expect([report.outcome, report.output]).toEqual(['clean', ['2 4 8 8']])
})

describe('routines of the kernel', () => {
  test('a lookaside list and a DPC, from first to last', () => {
    const report = runScript(
      driverOf(
        'NdisInitializeNPagedLookasideList, NdisAllocateFromNPagedLookasideList, NdisFreeToNPagedLookasideList, NdisDeleteNPagedLookasideList, NPAGED_LOOKASIDE_LIST, storage, KeInitializeDpc, KeInsertQueueDpc, KDPC, DbgPrint, KeGetCurrentIrql, KeGetCurrentProcessorNumberEx, bytes',
        `const list = storage(NPAGED_LOOKASIDE_LIST), dpc = storage(KDPC)
         NdisInitializeNPagedLookasideList(list, 0, 0, 0, 64, 0x6b6f6f4c, 0)
         const entry = NdisAllocateFromNPagedLookasideList(list)
         bytes(entry, 64).fill(1)
         KeInitializeDpc(dpc, (Dpc, DeferredContext, a, b) =>
           DbgPrint('%d %d %d %d\\n', DeferredContext, a, b, KeGetCurrentIrql()), 5)
         DbgPrint('%d %d\\n', KeInsertQueueDpc(dpc, 6, 7), KeGetCurrentProcessorNumberEx(0))
         NdisFreeToNPagedLookasideList(list, entry)
         NdisDeleteNPagedLookasideList(list)`,
      ),
    )
    expect([report.outcome, report.output]).toEqual(['clean', [`5 6 7 ${DISPATCH_LEVEL}`, '1 0']])
  })
  test('a list that is not deleted is a leak, the blocks that wait in it are not', () => {
    const report = runScript(
      driverOf(
        'ExInitializeLookasideListEx, ExAllocateFromLookasideListEx, ExFreeToLookasideListEx, LOOKASIDE_LIST_EX, storage',
        `const list = storage(LOOKASIDE_LIST_EX)
         ExInitializeLookasideListEx(list, 0, 0, 0, 0, 64, 0x6b6f6f4c, 0)
         ExFreeToLookasideListEx(list, ExAllocateFromLookasideListEx(list))
         ExAllocateFromLookasideListEx(list)
         ExAllocateFromLookasideListEx(list)`,
      ),
    )
    expect(report.leaks.map(({ kind, tag, count, line }) => [kind, tag, count, line])).toEqual([
      ['pool memory', 'Look', 1, 6],
      ['pool memory', 'Look', 1, 7],
      ['lookaside list', 'Look', 1, 4],
    ])
  })
  test('DbgBreakPoint without a debugger is a line of output', () => {
    const report = runScript(driverOf('DbgBreakPoint', 'DbgBreakPoint()'))
    expect([report.outcome, report.output]).toEqual([
      'clean',
      ['*** DbgBreakPoint: The driver breaks into the debugger.'],
    ])
  })
  test('DbgBreakPoint with one is a stop that says why', () => {
    const files = { 'driver.ts': driverOf('DbgBreakPoint', 'DbgBreakPoint()') }
    const engine = new Engine({ config: DEFAULT_RUN_CONFIG, files, entry: 'driver.ts', tables })
    engine.run()
    const reason = engine.stopReason()
    expect(reason).toMatchObject({ kind: 'break', text: 'DbgBreakPoint: The driver breaks into the debugger.' })
  })
  test('KeBugCheckEx stops with the code of the driver', () => {
    const report = runScript(driverOf('KeBugCheckEx', 'KeBugCheckEx(0xe2, 1, 2, 3, 4)'))
    expect(report.bugcheck).toMatchObject({ name: 'MANUALLY_INITIATED_CRASH', parameters: [1, 2, 3, 4], line: 3 })
  })
})
