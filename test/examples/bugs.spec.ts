/** The faulty drivers of examples/bugs: each is caught where its mark is, and the mended one beside it is clean. */
import { describe, expect, test } from 'vitest'
import { loadDriver, type LoadOptions } from '../../src/lib'
import { FILES, findings } from './matrix'

const MARK = '// <- here'
const CPUS = [1, 4]
const SEEDS = [1, 2, 3, 4, 5]
/** Plenty for them: hundreds of machines live in one process here. */
const memoryBytes = 4 * 1024 * 1024

interface Bug {
  readonly name: string
  readonly rule: string
  /** What the report names: the call that broke the rule, or the callback. */
  readonly fn: string
  /** What a plain run takes from the configuration beside the driver. */
  readonly run?: Partial<LoadOptions>
  /** It takes a rare order of things: an eager scheduler finds it, with one of 200 seeds. */
  readonly explored?: boolean
}

const BUGS: readonly Bug[] = [
  { name: '01-wait-under-lock', rule: 'DV:WaitAtDispatch', fn: 'NdisWaitEvent' },
  { name: '02-lock-recursion-on-pause', rule: 'SpinLock', fn: 'NdisAcquireSpinLock' },
  { name: '03-leak-on-error-path', rule: 'DV:LeakAtUnload', fn: 'NdisAllocateMemoryWithTagPriority' },
  { name: '04-double-completion-of-a-send', rule: 'SendCompleteTwice', fn: 'NdisMSendComplete' },
  { name: '05-pageable-code-under-lock', rule: 'DV:PageableAtRaisedIrql', fn: 'PAGED_CODE' },
  { name: '06-timer-armed-at-halt', rule: 'CancelTimerObject', fn: 'MiniportHalt' },
  { name: '07-release-order', rule: 'DV:LockReleaseOrder', fn: 'NdisReleaseSpinLock' },
  { name: '08-wrong-free-form', rule: 'NonInterlockedPairing', fn: 'NdisDprFreePacket' },
  { name: '09-ring-overrun', rule: 'DV:SpecialPoolOverrun', fn: 'clearRing' },
  { name: '10-lists-leaked-at-unload', rule: 'FreePoolWithDescriptorsOut', fn: 'NdisFreeNetBufferListPool' },
  { name: '11-double-completion-of-an-oid', rule: 'NdisOidDoubleComplete', fn: 'NdisMSetInformationComplete' },
  { name: '12-packet-after-completion', rule: 'DV:SpecialPoolUseAfterFree', fn: 'NdisQueryPacket' },
  { name: '13-lookahead-past-the-end', rule: 'DV:SpecialPoolOverrun', fn: 'ProtocolReceive' },
  { name: '14-dispatch-flag-not-true', rule: 'DispatchFlag', fn: 'NdisMIndicateReceiveNetBufferLists' },
  { name: '15-indicated-packet-reused', rule: 'PacketInUse', fn: 'NDIS_SET_PACKET_STATUS' },
  { name: '16-interrupt-left-registered', rule: 'Init_DeRegisterInterrupt', fn: 'MiniportHalt' },
  { name: '17-abba-over-send-and-dpc', rule: 'DV:LockHierarchy', fn: 'NdisDprAcquireSpinLock' },
  { name: '18-cancel-send-without-lock', rule: 'ListLockMissing', fn: 'RemoveEntryList' },
  { name: '19-pause-before-sends-return', rule: 'PauseWithListsOut', fn: 'FilterPause' },
  { name: '20-lists-held-over-a-pause', rule: 'PauseWithListsOut', fn: 'FilterPause' },
  {
    name: '21-buffer-by-virtual-address',
    rule: 'DV:DmaMisuse',
    fn: 'WRITE_REGISTER_ULONG',
    run: { nics: ['teaching'], scenario: 'receive', frames: 1500 },
  },
  { name: '22-status-never-set', rule: 'SendStatusNotSet', fn: 'MiniportSendPackets' },
  { name: '25-freed-by-two', rule: 'DV:DoubleFree', fn: 'NdisFreeMemory', explored: true },
]

/** The first seed of an eager scheduler that finds something. */
function exploredRuns(entry: string) {
  for (let seed = 1; seed <= 200; seed++) {
    const run = { cpus: 2, seed, memoryBytes, schedule: 'eager' }
    if (findings(loadDriver(FILES, { entry, ...run }).run()).length > 0) return [run]
  }
  return []
}

const runs = CPUS.flatMap((cpus) => SEEDS.map((seed) => ({ cpus, seed, memoryBytes })))

test('the table has every driver of the folder', () => {
  const shipped = Object.keys(FILES).filter((file) => /^bugs\/[^/]+\.ts$/.test(file))
  expect(shipped.sort()).toEqual(BUGS.flatMap(({ name }) => [`bugs/${name}.mended.ts`, `bugs/${name}.ts`]).sort())
})

describe.each(BUGS)('$name', ({ name, rule, fn, run: besides, explored }) => {
  const entry = `bugs/${name}.ts`
  test(`is caught as ${rule} where its mark is, and as nothing else`, () => {
    const marked = FILES[entry]!.split('\n').flatMap((text, index) => (text.includes(MARK) ? [index + 1] : []))
    expect(marked).toHaveLength(1)
    const telling = explored ? exploredRuns(entry) : runs
    const found = telling.map((run) => loadDriver(FILES, { entry, ...run, ...besides }).run().violations)
    expect(new Set(found.flat().map((violation) => violation.rule))).toEqual(new Set([rule]))
    const places = found.map(([found]) => found && [found.rule, found.function, found.file, found.line].join(' '))
    expect(new Set(places)).toEqual(new Set([[rule, fn, entry, marked[0]].join(' ')]))
  })
  test('is clean when mended', () => {
    const mended = `bugs/${name}.mended.ts`
    const eager = Array.from({ length: explored ? 20 : 0 }, (_, seed) => ({
      cpus: 2,
      seed,
      memoryBytes,
      schedule: 'eager',
    }))
    const all = [...runs, ...eager]
    expect(all.flatMap((run) => findings(loadDriver(FILES, { entry: mended, ...run, ...besides }).run()))).toEqual([])
  })
})
