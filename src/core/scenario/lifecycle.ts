import { TICKS_PER_MS } from '../clock/clock'
import type { Adapter, AdapterControl, OidOutcome } from '../ndis/adapters'
import { constant, CONSTANTS } from '../ndis/constants'
import { NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_RESOURCES } from '../ndis/status'
import { checkHardware, pass } from './gone'
import { reportOfScenario } from './report'
import type { ScenarioRun } from './scenario'
import { feed, openTraffic, waitFor } from './traffic'

const SUPPORTED_LIST = constant('OID_GEN_SUPPORTED_LIST')
const QUERY_POWER = constant('OID_PNP_QUERY_POWER')
const SET_POWER = constant('OID_PNP_SET_POWER')
const INVALID_OID = constant('NDIS_STATUS_INVALID_OID')
const TOO_SHORT: readonly number[] = [
  'NDIS_STATUS_BUFFER_TOO_SHORT',
  'NDIS_STATUS_INVALID_LENGTH',
  'NDIS_STATUS_BUFFER_OVERFLOW',
].map(constant)
/** Answers to an OID that nobody has; a driver short of memory cannot even ask. */
const REFUSED: readonly number[] = [NDIS_STATUS_NOT_SUPPORTED, INVALID_OID, NDIS_STATUS_RESOURCES]
const LOW_POWER = constant('NDIS_PAUSE_LOW_POWER')
const INTERNAL = constant('NDIS_PAUSE_NDIS_INTERNAL')
const POWER_PROFILE = constant('NdisDevicePnPEventPowerProfileChanged')
const D0 = constant('NdisDeviceStateD0')
const D3 = constant('NdisDeviceStateD3')
/** No miniport has it. */
const UNKNOWN_OID = 0xffff_fffe
const BIGGEST_ANSWER = 4096
const NDIS_6 = 0x6_0000
/** NDIS asks whether the NIC hangs every two seconds. */
const HANG_TICKS = 2000 * TICKS_PER_MS
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(CONSTANTS).flatMap(([name, value]) => (name.startsWith('OID_') ? [[value >>> 0, name] as const] : [])),
)
const oidName = (oid: number): string => NAMES.get(oid >>> 0) ?? `0x${(oid >>> 0).toString(16).padStart(8, '0')}`
const u32 = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer)

function supported(adapter: Adapter, control: AdapterControl): readonly number[] {
  if (adapter.version >= NDIS_6) return adapter.supportedOids
  const list = control.query(SUPPORTED_LIST, BIGGEST_ANSWER)
  return list?.status === 0 ? [...new Uint32Array(list.data.buffer.slice(0, list.data.length & ~3))] : []
}

/** Asks for everything that the miniport says it supports, with room and without, and for what nobody has. */
function sweepOids(run: ScenarioRun, adapter: Adapter, control: AdapterControl): void {
  const { kernel } = run.machine
  const callback = adapter.version >= NDIS_6 ? 'MiniportOidRequest' : 'MiniportQueryInformation'
  for (const oid of supported(adapter, control)) {
    const empty: OidOutcome | undefined = control.query(oid, 0)
    if (empty && TOO_SHORT.includes(empty.status) && empty.needed === 0)
      reportOfScenario(
        kernel,
        'OidBytesNeeded',
        callback,
        `${oidName(oid)} was refused for a buffer of 0 bytes, and BytesNeeded does not say how many it takes.`,
      )
    control.query(oid, BIGGEST_ANSWER)
  }
  const unknown = control.query(UNKNOWN_OID, BIGGEST_ANSWER)
  if (unknown && !REFUSED.includes(unknown.status))
    reportOfScenario(
      kernel,
      'OidUnknown',
      callback,
      `An OID that nobody has (${oidName(UNKNOWN_OID)}) was answered with status 0x${(unknown.status >>> 0).toString(16)}; it is not supported.`,
    )
}
function power(adapter: Adapter, control: AdapterControl): void {
  if (!supported(adapter, control).includes(SET_POWER)) return
  control.query(QUERY_POWER, 4)
  control.pause(LOW_POWER)
  control.set(SET_POWER, u32(D3))
  control.set(SET_POWER, u32(D0))
  control.restart()
}

function live(run: ScenarioRun, adapter: Adapter): void {
  const { control } = adapter
  if (!control) return
  const { machine } = run
  for (let i = 0; i < 2; i++) {
    control.pause(INTERNAL)
    machine.driver.idle(TICKS_PER_MS)
    control.restart()
    checkHardware(machine)
  }
  sweepOids(run, adapter, control)
  checkHardware(machine)
  control.reset()
  pass(machine, HANG_TICKS)
  if (control.checkForHang()) control.reset()
  checkHardware(machine)
  power(adapter, control)
  checkHardware(machine)
  control.pnpEvent(POWER_PROFILE, 1)
}

/** A few frames, and a check that all came back. */
function traffic(run: ScenarioRun): void {
  const streams = openTraffic(run)
  for (const stream of streams) feed(run.machine, stream, run.frames, false)
  waitFor(run, run.ends.protocols, () => streams.every((stream) => stream.sent >= run.frames && stream.done))
}

export function lifecycle(run: ScenarioRun): void {
  traffic(run)
  for (const { adapter } of run.ends.protocols) live(run, adapter)
  traffic(run)
  pass(run.machine, HANG_TICKS)
}

export function shutDown(run: ScenarioRun): void {
  traffic(run)
  for (const { adapter } of run.ends.protocols) adapter.control?.shutdown()
}
