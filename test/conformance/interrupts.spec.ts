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

/**
 * The same on a NIC whose line stays asserted until somebody quiets it: the registers of an Intel 82540EM are mapped, and a
 * millisecond after the start its software raises a cause.
 */
const onDevice = (isr: string, dpc = '', enable = ''): string => `const Interrupt = storage(NDIS_MINIPORT_INTERRUPT)
const Timer = storage(NDIS_MINIPORT_TIMER), Bar = storage(ULONG), Base = out()
const ICR = 0xc0, ICS = 0xc8, IMS = 0xd0, IMC = 0xd8
let adapter = 0
const get = (register) => READ_REGISTER_ULONG(Base.value + register)
const set = (register, value) => WRITE_REGISTER_ULONG(Base.value + register, value)
const answer = (recognized, queue) => { recognized.value = TRUE; queue.value = TRUE }
export function DriverEntry(DriverObject, RegistryPath) {
  return miniport5(DriverObject, RegistryPath, {
    initialize(Adapter) { adapter = Adapter
      NdisReadPciSlotInformation(adapter, 0, FIELD_OFFSET(PCI_COMMON_CONFIG, 'u.type0.BaseAddresses'), Bar, 4)
      NdisMMapIoSpace(Base, adapter, ULONG.at(Bar).value & ~15, 0x20000)
      say(nameOf(NdisMRegisterInterrupt(Interrupt, adapter, 9, 9, TRUE, TRUE, NdisInterruptLevelSensitive)))
      NdisMInitializeTimer(Timer, adapter, () => { set(IMS, 4); set(ICS, 4) }, 0)
      NdisMSetTimer(Timer, 1) },
    halt() { set(IMC, 0xffffffff); NdisMDeregisterInterrupt(Interrupt); NdisMUnmapIoSpace(adapter, Base.value, 0x20000) },
    handlers: {
      ISRHandler(recognized, queue) { ${isr} },
      HandleInterruptHandler() { ${dpc} },
      EnableInterruptHandler() { ${enable} },
    },
  })
}`
const NIC = { nics: ['82540EM'] } as const

conform([
  {
    page: 'PV MiniportISR, MiniportEnableInterrupt: a line that is triggered by its level',
    cases: [
      {
        says: 'the ISR takes the cause away at the NIC: it is called once',
        config: NIC,
        script: onDevice(`say('isr', get(ICR)); answer(recognized, queue)`, `say('handle')`, `say('enable')`),
        output: ['SUCCESS', 'isr 4', 'handle', 'enable'],
      },
      {
        says: 'it masks the cause, the DPC takes it away, MiniportEnableInterrupt unmasks it',
        config: NIC,
        script: onDevice(
          `say('isr'); set(IMC, 4); answer(recognized, queue)`,
          `say('handle', get(ICR))`,
          `say('enable'); set(IMS, 4)`,
        ),
        output: ['SUCCESS', 'isr', 'handle 4', 'enable'],
      },
      {
        says: 'what comes while it is masked interrupts when it is unmasked',
        config: NIC,
        script: onDevice(
          `say('isr'); set(IMC, 4); get(ICR); answer(recognized, queue)`,
          `say('handle'); if (left-- > 0) set(ICS, 4)`,
          `set(IMS, 4)`,
        ).replace('let adapter = 0', 'let adapter = 0, left = 2'),
        output: ['SUCCESS', ...times(3, 'isr', 'handle')],
      },
      {
        says: 'an ISR that leaves it asserted is called again and again, until the machine masks the line for good',
        config: NIC,
        script: onDevice('answer(recognized, queue)'),
        output: ['SUCCESS'],
        violations: ['InterruptStorm'],
      },
      {
        says: 'while MiniportInitialize runs the ISR is asked, and no DPC follows',
        config: NIC,
        script: onDevice(`say('isr'); get(ICR); answer(recognized, queue)`, `say('handle')`).replace(
          'NdisMSetTimer(Timer, 1)',
          'set(IMS, 4); set(ICS, 4)',
        ),
        output: ['SUCCESS', 'isr'],
      },
    ],
  },
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
        violations: ['InterruptRegisteredTwice'],
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
        violations: ['Init_RegisterInterrupt'],
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
