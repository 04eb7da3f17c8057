import type { Kind, NotThere } from './kinds.table'
import { PROBE, PROBE_COMMAND } from './probe-device'

/** What is done wrong with each kind of object, and what must come of it. */
export interface Cell {
  /** Statements behind the allocation; the one that is to be blamed ends with `// <- here`, or stands at the allocation. */
  readonly body: string
  readonly blames: 'here' | 'made' | 'nothing'
  readonly rule: string
  /** '' of what no function is named for but that at the place. */
  readonly fn: string
  /** Where in the object; undefined: the object as a whole. */
  readonly offset?: number
  /** Whether the report knows who freed it. */
  readonly freed?: boolean
  /** What may be found as a consequence. */
  readonly also?: readonly string[]
  readonly halt?: boolean
}
export type Fault = (kind: Kind) => Cell | NotThere

const HERE = ' // <- here'
const FREED = ' // <- freed'
const FREE = ({ free }: Kind): string => free + FREED
/** The function of a driver that does it without a call. */
const DRIVER = 'initialize'
const device = (command: number, address: string, length: number): string =>
  `aim(${address}, ${length})\nWRITE_REGISTER_ULONG(Registers.value + ${PROBE.COMMAND}, ${command})`

/** A fault that is seen as it happens; the object is freed before it, or after it. */
const live =
  (line: string, fn: string, offset: (kind: Kind) => number, rule = 'DV:SpecialPoolOverrun'): Fault =>
  (kind) => ({
    body: `${line}${HERE}\n${kind.free}\n${kind.after ?? ''}`,
    blames: 'here',
    ...{ rule, fn, offset: offset(kind) },
    ...(kind.spoiled && { also: kind.spoiled }),
  })
const late =
  (line: string, fn: string, offset = 0, rule = 'DV:SpecialPoolUseAfterFree'): Fault =>
  (kind) => ({
    body: `${FREE(kind)}\n${line}${HERE}\n${kind.after ?? ''}`,
    blames: 'here',
    ...{ rule, fn, offset },
    freed: true,
  })
const end = ({ size }: Kind): number => size
const front = (): number => -1

/** By name, each for every kind of object. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'a write behind the end': live('bytes(at, size + 1)[size] = 1', DRIVER, end),
  'a read behind the end': live("DbgPrint('%u', bytes(at, size + 1)[size])", DRIVER, end),
  'NdisZeroMemory over the end': live('NdisZeroMemory(at, size + 1)', 'NdisZeroMemory', end),
  'NdisMoveMemory from behind the end': live('NdisMoveMemory(Data, at + size, 4)', 'NdisMoveMemory', end),
  'a device that writes over the end': live(
    device(PROBE_COMMAND.WRITE, 'at + size', 4),
    'WRITE_REGISTER_ULONG',
    end,
    'DmaNotMapped',
  ),
  'a write in front of the start': live('bytes(at - 1, 1)[0] = 1', DRIVER, front),
  'a read in front of the start': live("DbgPrint('%u', bytes(at - 1, 1)[0])", DRIVER, front),
  'NdisFillMemory from in front of the start': live('NdisFillMemory(at - 1, 4, 7)', 'NdisFillMemory', front),
  'a device that writes in front of the start': live(
    device(PROBE_COMMAND.WRITE, 'at - 1', 1),
    'WRITE_REGISTER_ULONG',
    front,
    'DmaNotMapped',
  ),
  'a write after the free': late('bytes(at, size)[3] = 1', DRIVER, 3),
  'a read after the free': late("DbgPrint('%u', bytes(at, size)[3])", DRIVER, 3),
  'NdisZeroMemory after the free': late('NdisZeroMemory(at, size)', 'NdisZeroMemory'),
  'NdisMoveMemory after the free': late('NdisMoveMemory(Data, at, size)', 'NdisMoveMemory'),
  'a device that writes after the free': late(
    device(PROBE_COMMAND.WRITE, 'at', 4),
    'WRITE_REGISTER_ULONG',
    0,
    'DmaNotMapped',
  ),
  'a device that reads after the free': late(
    device(PROBE_COMMAND.READ, 'at', 4),
    'WRITE_REGISTER_ULONG',
    0,
    'DmaNotMapped',
  ),
  'a write behind the end that nobody saw, found when it is freed': (kind) => {
    const { free, after = '', pooled } = kind
    const returned = pooled ? `${free}${FREED}\n${after}${HERE}` : `${free}${HERE}\n${after}`
    return {
      body: `${device(PROBE_COMMAND.SMASH, 'at + size', 4)}\n${returned}`,
      blames: 'here',
      rule: kind.object === 'shared memory' ? 'DV:DmaMisuse' : 'DV:WrotePastEnd',
      fn: pooled ?? kind.freer,
      offset: kind.size,
      ...(pooled && { freed: true }),
    }
  },
  'a write in front of the start that nobody saw, found when it is freed': (kind) =>
    kind.header === true
      ? {
          body: `${device(PROBE_COMMAND.SMASH, 'at - 4', 4)}\n${kind.free}${HERE}\n${kind.after ?? ''}`,
          blames: 'here',
          rule: kind.object === 'shared memory' ? 'DV:DmaMisuse' : 'DV:SpecialPoolPatternBroken',
          fn: kind.freer,
          offset: -1,
        }
      : kind.header,
  'a write behind the end that nobody saw, never freed': (kind) => ({
    body: device(PROBE_COMMAND.SMASH, 'at + size', 4),
    blames: 'made',
    rule: 'DV:WrotePastEnd',
    fn: kind.maker,
    offset: kind.size,
    also: ['DV:LeakAtUnload', 'DV:DmaMisuse', 'NdisAllocateMdl'],
  }),
  'a write after the free that nobody saw': (kind) => ({
    body: `${FREE(kind)}\n${device(PROBE_COMMAND.SMASH, 'at + 8', 4)}\n`,
    blames: 'made',
    rule: 'DV:SpecialPoolUseAfterFree',
    fn: kind.maker,
    offset: 8,
    freed: true,
    also: ['DV:LeakAtUnload', 'DV:DmaMisuse', 'NdisAllocateMdl'],
  }),
  'a double free': (kind) => ({
    body: `${FREE(kind)}\n${kind.free}${HERE}\n${kind.after ?? ''}`,
    blames: 'here',
    rule: kind.doubleFree ?? 'DV:DoubleFree',
    fn: kind.freer,
    offset: 0,
    freed: true,
  }),
  'a free by a function that is not for it': (kind) => ({
    body: `${kind.wrongFree.line}${HERE}\n${kind.free}\n${kind.after ?? ''}`,
    blames: 'here',
    rule: kind.wrongFree.rule,
    fn: kind.wrongFree.fn,
    offset: 0,
  }),
  'a free with another tag': (kind) =>
    'not' in kind.tag
      ? kind.tag
      : { body: kind.tag.line + HERE, blames: 'here', rule: 'PoolTagMismatch', fn: kind.tag.fn, offset: 0 },
  'a read of what nobody wrote': ({ fresh, free, after = '' }) =>
    fresh === true
      ? {
          body: `DbgPrint('%u', bytes(at, size)[5])${HERE}\n${free}\n${after}`,
          blames: 'here',
          rule: 'UninitializedRead',
          fn: DRIVER,
          offset: 5,
        }
      : fresh,
  'a leak at unload': (kind) => ({
    body: '',
    blames: 'made',
    rule: kind.leak,
    fn: kind.leak === 'DV:LeakAtUnload' ? kind.maker : 'MiniportHalt',
    also: ['DV:LeakAtUnload', 'NdisAllocateMdl', 'LookasideEntriesOut'],
  }),
  'a leak at halt': (kind) =>
    typeof kind.halt === 'string'
      ? { body: '', blames: 'made', rule: kind.halt, fn: 'MiniportHalt', also: ['DV:LeakAtUnload'] }
      : kind.halt,
}

/** The driver of a cell: everything happens in MiniportInitialize of a bus master. */
export const driverOf = (
  { before = '', make, then = '', size }: Kind,
  { body, blames }: Cell,
): string => `let adapter = 0, at = 0
const TAG = 0x41424344, size = ${size}
const Status = out(), Address = out(), Pool = out(), Registers = out(), Physical = storage(NDIS_PHYSICAL_ADDRESS), Data = storage(ULONG, 64), Bar = storage(ULONG)
function aim(address, length) {
  WRITE_REGISTER_ULONG(Registers.value + ${PROBE.ADDRESS}, address + 0x4000_0000)
  WRITE_REGISTER_ULONG(Registers.value + ${PROBE.LENGTH}, length)
}
export function DriverEntry(DriverObject, RegistryPath) {
  return miniport5(DriverObject, RegistryPath, {
    attributes: NDIS_ATTRIBUTE_BUS_MASTER | NDIS_ATTRIBUTE_DESERIALIZE,
    initialize(Adapter) {
adapter = Adapter
NdisMInitializeScatterGatherDma(adapter, false, 1514)
NdisReadPciSlotInformation(adapter, 0, FIELD_OFFSET(PCI_COMMON_CONFIG, 'u.type0.BaseAddresses'), Bar, 4)
NdisMMapIoSpace(Registers, adapter, BigInt(ULONG.at(Bar).value & ~15), 256)
${before}
${make} // <- made${blames === 'made' ? ' // <- here' : ''}
${then}
${body}
    },
    halt() {
NdisMUnmapIoSpace(adapter, Registers.value, 256)
    },
  })
}`
