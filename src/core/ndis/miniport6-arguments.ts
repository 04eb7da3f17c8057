import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { createAdapterResources } from './adapter-resources'
import type { Adapter } from './adapters'
import { constant } from './constants'
import type { NdisRecords } from './ndis-record'
import { writeHeader } from './object-header'

const INIT = layout('NDIS_MINIPORT_INIT_PARAMETERS', 'AllocatedResources', 'IfIndex', 'NetLuid')
const PAUSE = layout('NDIS_MINIPORT_PAUSE_PARAMETERS', 'PauseReason')
const RESTART = layout('NDIS_MINIPORT_RESTART_PARAMETERS', 'RestartAttributes')
/** NET_LUID: interface type in the upper 16 bits, then an index of 24 bits. */
const LUID_TYPE_SHIFT = 48n
const LUID_INDEX_SHIFT = 24n

/** The records that MiniportInitializeEx, MiniportRestart and MiniportPause get: live only while the callback runs. */
export function createArguments6(k: Kernel, records: NdisRecords) {
  const { space } = k
  const resources = createAdapterResources(k)
  const { w32, w64 } = space

  function fillInit(address: number, adapter: Adapter): void {
    writeHeader(
      space,
      address,
      constant('NDIS_OBJECT_TYPE_MINIPORT_INIT_PARAMETERS'),
      constant('NDIS_MINIPORT_INIT_PARAMETERS_REVISION_1'),
      INIT.SIZE,
    )
    resources.write(address + INIT.SIZE, adapter)
    w32(address + INIT.AllocatedResources, address + INIT.SIZE)
    w32(address + INIT.IfIndex, adapter.ifIndex)
    const type = BigInt(constant('IF_TYPE_ETHERNET_CSMACD'))
    w64(address + INIT.NetLuid, (type << LUID_TYPE_SHIFT) | (BigInt(adapter.ifIndex) << LUID_INDEX_SHIFT))
  }

  return {
    /** The list of resources lies behind the record. */
    withInit: <T>(adapter: Adapter, run: (address: number) => T): T =>
      records.with(INIT.SIZE + resources.bytes(adapter), (address) => fillInit(address, adapter), run),
    withRestart: <T>(run: (address: number) => T): T =>
      records.with(
        RESTART.SIZE,
        (address) =>
          writeHeader(
            space,
            address,
            constant('NDIS_OBJECT_TYPE_DEFAULT'),
            constant('NDIS_MINIPORT_RESTART_PARAMETERS_REVISION_1'),
            RESTART.SIZE,
          ),
        run,
      ),
    withPause: <T>(reason: number, run: (address: number) => T): T =>
      records.with(
        PAUSE.SIZE,
        (address) => {
          writeHeader(
            space,
            address,
            constant('NDIS_OBJECT_TYPE_DEFAULT'),
            constant('NDIS_MINIPORT_PAUSE_PARAMETERS_REVISION_1'),
            PAUSE.SIZE,
          )
          w32(address + PAUSE.PauseReason, reason)
        },
        run,
      ),
  }
}
