import { conform } from './conformance'

/**
 * A miniport of NDIS 5 with an interrupt. Where a machine has no NIC, its line is pulled four times, once a millisecond, from the
 * start of the adapter. `asked`: NDIS asks the ISR.
 */
const interrupting = (
  { asked = true, isr = 'ours(recognized, queue)', initialize = '', halt = 'NdisMDeregisterInterrupt(Interrupt)' } = {},
  handlers = '',
): string => `const Interrupt = storage(NDIS_MINIPORT_INTERRUPT)
let adapter = 0
const register = () => nameOf(NdisMRegisterInterrupt(Interrupt, adapter, 9, 9, ${String(asked)}, false, NdisInterruptLevelSensitive))
const ours = (recognized, queue) => { recognized.value = TRUE; queue.value = TRUE }
const level = () => { const irql = KeGetCurrentIrql(); return irql > DISPATCH_LEVEL ? 'DIRQL' : irql === DISPATCH_LEVEL ? 'DISPATCH' : 'lower' }
export function DriverEntry(DriverObject, RegistryPath) {
  return miniport5(DriverObject, RegistryPath, {
    initialize(Adapter) { adapter = Adapter
      ${initialize || 'say(register())'} },
    halt() { ${halt} },
    handlers: {
      ISRHandler(recognized, queue, Context) { ${isr} },
      HandleInterruptHandler(Context) { say('handle', level()) },
      EnableInterruptHandler(Context) { say('enable') },
      DisableInterruptHandler(Context) { say('disable', level()) },
      ${handlers}
    },
  })
}`
const times = <T>(count: number, ...lines: readonly T[]): T[] => Array.from({ length: count }, () => lines).flat()

conform([
  {
    page: 'PV NdisMRegisterInterrupt, MiniportISR, MiniportHandleInterrupt',
    cases: [
      {
        says: 'the ISR decides at the IRQL of the device; the DPC follows, then MiniportEnableInterrupt',
        script: interrupting({ isr: `say('isr', level()); ours(recognized, queue)` }),
        output: ['SUCCESS', ...times(4, 'isr DIRQL', 'handle DISPATCH', 'enable')],
      },
      {
        says: 'an interrupt of somebody else has no DPC',
        script: interrupting({ isr: `say('isr'); recognized.value = FALSE; queue.value = FALSE` }),
        output: ['SUCCESS', ...times(4, 'isr')],
      },
      {
        says: 'nor has one that the ISR recognized and dealt with itself',
        script: interrupting({ isr: `say('isr'); recognized.value = TRUE; queue.value = FALSE` }),
        output: ['SUCCESS', ...times(4, 'isr')],
      },
      {
        says: 'an ISR that need not be asked is not: MiniportDisableInterrupt is called in its place',
        script: interrupting({ asked: false, isr: `say('isr')` }),
        output: ['SUCCESS', ...times(4, 'disable DIRQL', 'handle DISPATCH', 'enable')],
      },
      {
        says: 'an adapter has one interrupt',
        script: interrupting({ initialize: 'say(register()); say(register())' }),
        output: ['SUCCESS', 'FAILURE', ...times(4, 'handle DISPATCH', 'enable')],
        violations: ['Init_RegisterInterrupt'],
      },
      {
        says: 'it is registered when the attributes are set: the ISR needs its context',
        script: `const Interrupt = storage(NDIS_MINIPORT_INTERRUPT)
export function DriverEntry(DriverObject, RegistryPath) {
  return miniport5(DriverObject, RegistryPath, { handlers: { ISRHandler() {},
    InitializeHandler(Error, Index, Media, Count, Adapter) { Index.value = 0
      say(nameOf(NdisMRegisterInterrupt(Interrupt, Adapter, 9, 9, true, true, NdisInterruptLevelSensitive)))
      NdisMDeregisterInterrupt(Interrupt)
      return NDIS_STATUS_RESOURCES } } })
}`,
        output: ['SUCCESS'],
        violations: ['AttributesNotSet'],
      },
      {
        says: 'a function of DISPATCH_LEVEL may not be called in the ISR',
        script: interrupting({
          isr: `NdisMIndicateStatus(adapter, NDIS_STATUS_MEDIA_CONNECT, 0, 0); recognized.value = FALSE; queue.value = FALSE`,
        }),
        output: ['SUCCESS'],
        violations: ['Irql'],
      },
    ],
  },
  {
    page: 'PV NdisMDeregisterInterrupt',
    cases: [
      {
        says: 'an interrupt that MiniportHalt leaves registered stops the machine (bug check 0x7C, 0xA)',
        script: interrupting({ halt: '' }),
        output: ['SUCCESS', ...times(4, 'handle DISPATCH', 'enable')],
        violations: ['Init_DeRegisterInterrupt'],
        bugcheck: 'BUGCODE_NDIS_DRIVER',
      },
      {
        says: 'one that a failed MiniportInitialize leaves, too',
        script: interrupting({ initialize: 'say(register()); return NDIS_STATUS_RESOURCES' }),
        output: ['SUCCESS'],
        violations: ['Init_DeRegisterInterrupt'],
        bugcheck: 'BUGCODE_NDIS_DRIVER',
      },
      {
        says: 'is called once',
        script: interrupting({ halt: 'NdisMDeregisterInterrupt(Interrupt); NdisMDeregisterInterrupt(Interrupt)' }),
        output: ['SUCCESS', ...times(4, 'handle DISPATCH', 'enable')],
        violations: ['NdisMDeregisterInterruptEx'],
      },
      {
        says: 'when it returns no DPC of the interrupt comes any more',
        script: interrupting(
          { halt: `NdisMDeregisterInterrupt(Interrupt); say('quiet')` },
          `CheckForHangHandler: () => FALSE,`,
        ),
        output: ['SUCCESS', ...times(4, 'handle DISPATCH', 'enable'), 'quiet'],
      },
    ],
  },
  {
    page: 'PV ff553649 NdisMSynchronizeWithInterrupt',
    cases: [
      {
        says: 'runs the function at the IRQL of the device and gives its result',
        script: interrupting(
          {},
          `HandleInterruptHandler(Context) {
        say(NdisMSynchronizeWithInterrupt(Interrupt, (value) => { say(level(), value); return value === 7 }, 7), level()) },
      EnableInterruptHandler() {},`,
        ),
        output: ['SUCCESS', ...times(4, 'DIRQL 7', '1 DISPATCH')],
      },
      {
        says: 'not for an interrupt that is not registered any more: what it synchronizes with is gone',
        script: interrupting({
          halt: 'NdisMDeregisterInterrupt(Interrupt); NdisMSynchronizeWithInterrupt(Interrupt, () => TRUE, 0)',
        }),
        output: ['SUCCESS', ...times(4, 'handle DISPATCH', 'enable')],
        violations: ['NdisMDeregisterInterruptEx'],
      },
    ],
  },
])
