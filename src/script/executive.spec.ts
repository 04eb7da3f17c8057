/** Timers, work items, waits, interrupts and the life of miniports, each as a driver that a person could write. */
import { describe, expect, test } from 'vitest'
import type { RunConfig } from '../shared/engine'
import { runScript } from './test-driver'

/** Runs a driver whose imports are found by name; lines of its output, and names of the rules that it broke. */
function run(source: string, config: Partial<RunConfig> = {}) {
  const used = new Set(source.match(/\b(?:Ndis|NDIS_|Ke|Ex|DbgPrint|DRIVER_OBJECT|UINT|out\b|storage\b|sizeof\b)\w*/g))
  const report = runScript(`import { ${[...used].join(', ')} } from 'ndis'\n${source}`, config)
  return {
    output: report.output,
    rules: report.violations.map(({ rule }) => rule),
    bugcheck: report.bugcheck,
    error: report.error,
    outcome: report.outcome,
  }
}
const clean = (source: string, config: Partial<RunConfig> = {}): readonly string[] => {
  const { output, ...rest } = run(source, config)
  expect(rest).toEqual({ rules: [], bugcheck: null, error: undefined, outcome: 'clean' })
  return output
}

/** A miniport of NDIS 5: `initialize` and `halt` are statements of its handlers, `more` further members. */
const miniport5 = (initialize: string, halt = '', more = '', top = ''): string => `
let Wrapper = 0, adapter = 0
const log = (what) => DbgPrint('%s %d\\n', what, KeGetCurrentIrql())
${top}
export function DriverEntry(DriverObject, RegistryPath) {
  const handle = out()
  NdisMInitializeWrapper(handle, DriverObject, RegistryPath, 0)
  Wrapper = handle.value
  return NdisMRegisterMiniport(Wrapper, {
    MajorNdisVersion: 5, MinorNdisVersion: 1,
    InitializeHandler(OpenError, SelectedMediumIndex, MediumArray, size, MiniportAdapterHandle, Configuration) {
      adapter = MiniportAdapterHandle
      NdisMSetAttributesEx(adapter, 77, 0, NDIS_ATTRIBUTE_DESERIALIZE, 0)
      SelectedMediumIndex.value = 0
      ${initialize}
      return NDIS_STATUS_SUCCESS
    },
    HaltHandler(context) { ${halt} },
    ResetHandler() { return NDIS_STATUS_SUCCESS },
    QueryInformationHandler() { return NDIS_STATUS_NOT_SUPPORTED },
    SetInformationHandler() { return NDIS_STATUS_NOT_SUPPORTED },
    SendHandler() { return NDIS_STATUS_SUCCESS },
    ${more}
  }, sizeof(NDIS_MINIPORT_CHARACTERISTICS))
}
// NDIS_MINIPORT_CHARACTERISTICS NDIS_STATUS_SUCCESS NDIS_STATUS_NOT_SUPPORTED`

describe('timers of NDIS 5 (PV ff552321, ff550828)', () => {
  test('fire once, at DISPATCH_LEVEL, after their delay, with their context', () => {
    const output = clean(
      miniport5(
        `NdisInitializeTimer(timer, (a, context) => log('timer ' + context), 5); NdisSetTimer(timer, 20)
         NdisGetSystemUpTime(up); log('armed')
         NdisMSleep(50000)
         NdisCancelTimer(timer, cancelled); log('cancelled ' + cancelled.value)`,
        '',
        '',
        'const timer = storage(NDIS_TIMER), up = out(), cancelled = out()',
      ),
    )
    expect(output).toEqual(['armed 0', 'timer 5 2', 'cancelled 0 0'])
  })
  test('are cancelled before they fire, set again, and given another context by NdisSetTimerEx', () => {
    const output = clean(
      miniport5(
        `NdisInitializeTimer(timer, (a, context) => log('timer ' + context), 5)
         NdisSetTimer(timer, 20); NdisCancelTimer(timer, cancelled); log('cancelled ' + cancelled.value)
         NdisSetTimer(timer, 500); NdisSetTimerEx(timer, 10, 6)
         NdisMSleep(1000000)`,
        '',
        '',
        'const timer = storage(NDIS_TIMER), cancelled = out()',
      ),
    )
    expect(output).toEqual(['cancelled 1 0', 'timer 6 2'])
  })
  test('periodic ones of a miniport come until they are cancelled', () => {
    const output = clean(
      miniport5(
        `NdisMInitializeTimer(timer, adapter, (a, context) => log('tick ' + context), 9)
         NdisMSetPeriodicTimer(timer, 10)
         NdisMSleep(35000)
         NdisMCancelTimer(timer, cancelled); log('cancelled ' + cancelled.value)
         NdisMSetTimer(timer, 5); NdisMSleep(20000)`,
        'NdisMCancelTimer(timer, cancelled)',
        '',
        'const timer = storage(NDIS_MINIPORT_TIMER), cancelled = out()',
      ),
    )
    expect(output).toEqual(['tick 9 2', 'tick 9 2', 'tick 9 2', 'cancelled 1 0', 'tick 9 2'])
  })
})

describe('timer objects of NDIS 6 (DDI ndisallocatetimerobject, ndissettimerobject)', () => {
  const timers = (body: string): string => `
export function DriverEntry(DriverObject, RegistryPath) {
  const log = (what) => DbgPrint('%s %d\\n', what, KeGetCurrentIrql())
  const timer = out()
  const status = NdisAllocateTimerObject(0, {
    Header: { Type: NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS, Revision: NDIS_TIMER_CHARACTERISTICS_REVISION_1, Size: NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1 },
    AllocationTag: 0x31746d54, TimerFunction: (a, context) => log('timer ' + context), FunctionContext: 4,
  }, timer)
  ${body}
  return status
}`
  test('relative due time, periods, both contexts, cancel and free', () => {
    const output = clean(
      timers(`
      log('queued ' + NdisSetTimerObject(timer.value, -100000n, 0, 0))
      log('again ' + NdisSetTimerObject(timer.value, -200000n, 0, 8))
      NdisMSleep(30000)
      log('periodic ' + NdisSetCoalescableTimerObject(timer.value, -100000n, 10, 0, 5))
      NdisMSleep(25000)
      log('cancel ' + NdisCancelTimerObject(timer.value))
      log('cancel ' + NdisCancelTimerObject(timer.value))
      NdisFreeTimerObject(timer.value)`),
    )
    expect(output).toEqual([
      'queued 0 0',
      'again 1 0',
      'timer 8 2',
      'periodic 0 0',
      'timer 4 2',
      'timer 4 2',
      'cancel 1 0',
      'cancel 0 0',
    ])
  })
  test('freed twice, or never, is told', () => {
    expect(run(timers('NdisFreeTimerObject(timer.value); NdisFreeTimerObject(timer.value)')).rules).toHaveLength(1)
    expect(run(timers('')).rules).toEqual(['DV:LeakAtUnload'])
  })
})

describe('work items (DDI ndisscheduleworkitem, ndisqueueioworkitem)', () => {
  test('run at PASSIVE_LEVEL with their context, also when queued at DISPATCH_LEVEL', () => {
    const output = clean(`
const log = (what) => DbgPrint('%s %d\\n', what, KeGetCurrentIrql())
const item = storage(NDIS_WORK_ITEM)
export function DriverEntry() {
  const old = out()
  NdisInitializeWorkItem(item, (self, context) => log('routine ' + (self === item) + context), 3)
  NDIS_RAISE_IRQL_TO_DISPATCH(old)
  log('scheduled ' + NdisScheduleWorkItem(item))
  NDIS_LOWER_IRQL(old.value, 2)
  NdisMSleep(1000)
  const generic = NdisAllocateGenericObject(0, 0x31626f54, 0)
  const io = NdisAllocateIoWorkItem(generic)
  NdisQueueIoWorkItem(io, (context, handle) => { log('io ' + context + (handle === io)); NdisFreeIoWorkItem(handle) }, 12)
  NdisMSleep(1000)
  NdisFreeGenericObject(generic)
  return 0
}`)
    expect(output).toEqual(['scheduled 0 2', 'routine true3 0', 'io 12true 0'])
  })
  test('still queued at unload: the routine is gone when a thread gets to it', () => {
    const { bugcheck } = run(`
const item = storage(NDIS_WORK_ITEM)
export function DriverEntry(DriverObject) {
  NdisInitializeWorkItem(item, () => undefined, 0)
  DRIVER_OBJECT.at(DriverObject).DriverUnload = () => { NdisScheduleWorkItem(item) }
  return 0
}`)
    expect(bugcheck?.name).toBe('DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS')
  })
})

describe('events and sleeping (DDI ndisinitializeevent, ndiswaitevent, ndismsleep)', () => {
  const waiting = (body: string): string => `
const event = storage(NDIS_EVENT), timer = storage(NDIS_TIMER)
export function DriverEntry() {
  const up = out(), old = out()
  const say = (what) => { NdisGetSystemUpTime(up); DbgPrint('%s at %d\\n', what, up.value) }
  NdisInitializeEvent(event)
  ${body}
  return 0
}`
  test('a wait ends when the event is set or the time is over; an event stays set until it is reset', () => {
    const output = clean(
      waiting(`
      NdisInitializeTimer(timer, () => NdisSetEvent(event), 0)
      NdisSetTimer(timer, 30)
      say('waited ' + NdisWaitEvent(event, 100))
      say('again ' + NdisWaitEvent(event, 100))
      NdisResetEvent(event)
      say('in vain ' + NdisWaitEvent(event, 100))
      NdisMSleep(5000)
      say('slept')`),
    )
    expect(output).toEqual(['waited 1 at 30', 'again 1 at 30', 'in vain 0 at 130', 'slept at 135'])
  })
  test('at DISPATCH_LEVEL nobody may wait', () => {
    const { bugcheck, rules } = run(waiting('NDIS_RAISE_IRQL_TO_DISPATCH(old); NdisWaitEvent(event, 10)'))
    expect(bugcheck?.name).toBe('BUGCODE_NDIS_DRIVER')
    expect(rules.length).toBeGreaterThan(0)
  })
})

describe('interrupts of NDIS 5 (PV NdisMRegisterInterrupt, ff553649)', () => {
  const ISR = `ISRHandler(recognized, queue, context) { log('isr ' + context); recognized.value = 1; queue.value = 1 },
    HandleInterruptHandler(context) { log('dpc ' + context) },`
  test('a synchronized function runs at DIRQL and gives its result; ISR and DPC once the adapter runs', () => {
    const output = clean(
      miniport5(
        `const status = NdisMRegisterInterrupt(interrupt, adapter, 11, 11, 1, 1, NdisInterruptLevelSensitive)
         log('registered ' + status)
         log('result ' + NdisMSynchronizeWithInterrupt(interrupt, (context) => { log('synchronized ' + context); return 1 }, 31))`,
        'NdisMDeregisterInterrupt(interrupt)',
        ISR,
        'const interrupt = storage(NDIS_MINIPORT_INTERRUPT)',
      ),
    )
    expect(output[0]).toBe('registered 0 0')
    const [, level = 0] = /synchronized 31 (\d+)/.exec(output[1]!) ?? []
    expect(Number(level)).toBeGreaterThan(2)
    expect(output.slice(2, 5)).toEqual(['result 1 0', `isr 77 ${level}`, 'dpc 77 2'])
  })
  test('left registered at halt: the machine stops', () => {
    const { bugcheck } = run(
      miniport5(
        'NdisMRegisterInterrupt(interrupt, adapter, 11, 11, 1, 1, NdisInterruptLevelSensitive)',
        '',
        ISR,
        'const interrupt = storage(NDIS_MINIPORT_INTERRUPT)',
      ),
    )
    expect(bugcheck?.name).toBe('BUGCODE_NDIS_DRIVER')
  })
})

describe('miniports of NDIS 5 (PV NdisMRegisterMiniport, MiniportInitialize)', () => {
  test('initialize, run, halt, unload, in this order', () => {
    const output = clean(
      miniport5("log('initialize')", "log('halt ' + context)").replace(
        'return NdisMRegisterMiniport(',
        "NdisMRegisterUnloadHandler(Wrapper, () => log('unload'))\n  return NdisMRegisterMiniport(",
      ),
    )
    expect(output).toEqual(['initialize 0', 'halt 77 0', 'unload 0'])
  })
  test('NdisMSetAttributes is the older form', () => {
    expect(
      clean(
        miniport5('', "log('halt ' + context)").replace(
          /NdisMSetAttributesEx\(.*\)/,
          'NdisMSetAttributes(adapter, 78, 1, 0)',
        ),
      ),
    ).toEqual(['halt 78 0'])
  })
  test('characteristics without a handler that is needed are refused', () => {
    const { rules } = run(miniport5('').replace(/HaltHandler.*\n/, '\n'))
    expect(rules).toContain('MiniportCharacteristics')
  })
  test('no medium chosen: halted again, and told', () => {
    expect(run(miniport5('').replace('SelectedMediumIndex.value = 0', '')).rules).toContain('SelectedMediumIndex')
  })
  test('a wrapper that nothing was registered with is terminated by the driver', () => {
    clean(`
export function DriverEntry(DriverObject, RegistryPath) {
  const handle = out()
  NdisInitializeWrapper(handle, DriverObject, RegistryPath, 0)
  NdisTerminateWrapper(handle.value, 0)
  return 0
}`)
  })
})

describe('miniports and interrupts of NDIS 6 (DDI ndismregisterminiportdriver, ndismregisterinterruptex)', () => {
  const miniport6 = (handlers: {
    initialize?: string
    halt?: string
    pause?: string
    restart?: string
    after?: string
  }): string => `
let driver = 0, adapter = 0, interrupt = 0
const log = (what) => DbgPrint('%s %d\\n', what, KeGetCurrentIrql())
export function DriverEntry(DriverObject, RegistryPath) {
  const handle = out()
  const status = NdisMRegisterMiniportDriver(DriverObject, RegistryPath, 5, {
    Header: { Type: NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS, Revision: NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1, Size: NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1 },
    MajorNdisVersion: 6, MinorNdisVersion: 0,
    InitializeHandlerEx(MiniportAdapterHandle, context) {
      adapter = MiniportAdapterHandle
      log('initialize ' + context)
      NdisMSetMiniportAttributes(adapter, { RegistrationAttributes: {
        Header: { Type: NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES, Revision: NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1, Size: NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1 },
        MiniportAdapterContext: 66, AttributeFlags: NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER, CheckForHangTimeInSeconds: 4, InterfaceType: NdisInterfacePci,
      } })
      ${handlers.initialize ?? ''}
      return NDIS_STATUS_SUCCESS
    },
    HaltHandlerEx(context) { ${handlers.halt ?? "log('halt ' + context)"} },
    UnloadHandler() { log('unload'); NdisMDeregisterMiniportDriver(driver) },
    PauseHandler(context) { ${handlers.pause ?? "log('pause'); return NDIS_STATUS_SUCCESS"} },
    RestartHandler(context) { ${handlers.restart ?? "log('restart'); return NDIS_STATUS_SUCCESS"} },
    OidRequestHandler() { return NDIS_STATUS_NOT_SUPPORTED },
    SendNetBufferListsHandler() {}, ReturnNetBufferListsHandler() {}, CancelSendHandler() {},
    DevicePnPEventNotifyHandler() {}, ShutdownHandlerEx() {}, CancelOidRequestHandler() {},
  }, handle)
  driver = handle.value
  ${handlers.after ?? ''}
  return status
}`
  test('initialize, restart, pause, halt, unload, in this order', () => {
    expect(clean(miniport6({}))).toEqual(['initialize 5 0', 'restart 0', 'pause 0', 'halt 66 0', 'unload 0'])
  })
  test('a pause and a restart may be completed later', () => {
    const later = (call: string): string =>
      `const item = storage(NDIS_WORK_ITEM); NdisInitializeWorkItem(item, () => ${call}, 0); NdisScheduleWorkItem(item); return NDIS_STATUS_PENDING`
    const output = clean(
      miniport6({
        pause: later("{ log('paused'); NdisMPauseComplete(adapter) }"),
        restart: later("{ log('restarted'); NdisMRestartComplete(adapter, NDIS_STATUS_SUCCESS) }"),
      }),
    )
    expect(output).toEqual(['initialize 5 0', 'restarted 0', 'paused 0', 'halt 66 0', 'unload 0'])
  })
  test('a pause that is never completed stops the machine after ten minutes', () => {
    const { bugcheck } = run(miniport6({ pause: 'return NDIS_STATUS_PENDING' }))
    expect(bugcheck).toMatchObject({ name: 'BUGCODE_NDIS_DRIVER' })
  })
  test('a pause completed though none is pending', () => {
    expect(run(miniport6({ initialize: 'NdisMPauseComplete(adapter)' })).bugcheck?.name).toBe('BUGCODE_NDIS_DRIVER')
  })
  test('a member that is none is refused, as a compiler would', () => {
    const { bugcheck } = run(miniport6({}).replace('MiniportAdapterContext:', 'MiniportContext:'))
    expect(bugcheck?.message).toMatch(/NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES has no member MiniportContext/)
  })
  test('NdisSetOptionalHandlers knows the driver and what it is given', () => {
    const { rules } = run(miniport6({ after: 'NdisSetOptionalHandlers(0x1230, 0)' }))
    expect(rules.length).toBeGreaterThan(0)
  })
  test('ISR at DIRQL, DPC at DISPATCH_LEVEL, DPCs queued by hand, synchronized functions', () => {
    const output = clean(
      miniport6({
        initialize: `const handle = out()
      const status = NdisMRegisterInterruptEx(adapter, 9, {
        Header: { Type: NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT, Revision: NDIS_MINIPORT_INTERRUPT_REVISION_1, Size: NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1 },
        InterruptHandler(context, queueDefault, targets) { log('isr ' + context); queueDefault.value = 1; targets.value = 0; return 1 },
        InterruptDpcHandler(context, dpcContext) { log('dpc ' + context + ' ' + dpcContext) },
      }, handle)
      interrupt = handle.value
      log('registered ' + status)
      log('queued ' + NdisMQueueDpc(interrupt, 0, 1, 40))
      log('result ' + NdisMSynchronizeWithInterruptEx(interrupt, 0, (context) => context === 3, 3))`,
        halt: 'NdisMDeregisterInterruptEx(interrupt)',
      }),
    )
    expect(output.slice(0, 5)).toEqual(['initialize 5 0', 'registered 0 0', 'dpc 9 40 2', 'queued 1 0', 'result 1 0'])
    expect(output.slice(5, 8)).toEqual(['restart 0', expect.stringMatching(/^isr 9 ([3-9]|\d\d)$/), 'dpc 9 0 2'])
    expect(output.slice(-2)).toEqual(['pause 0', 'unload 0'])
  })
})
