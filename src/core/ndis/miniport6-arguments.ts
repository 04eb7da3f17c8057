import type { Kernel } from '../kernel/kernel'
import { DIRQL_BASE } from '../kernel/irql'
import { layout } from '../memory/layout'
import { constant } from './constants'
import type { NdisRecords } from './ndis-record'
import { writeHeader } from './object-header'

const INIT = layout('NDIS_MINIPORT_INIT_PARAMETERS', 'AllocatedResources', 'IfIndex', 'NetLuid')
const RESOURCES = layout('NDIS_RESOURCE_LIST', 'Version', 'Revision', 'Count', 'PartialDescriptors')
const DESCRIPTOR = layout(
  'CM_PARTIAL_RESOURCE_DESCRIPTOR',
  'Type',
  'u.Interrupt.Level',
  'u.Interrupt.Vector',
  'u.Interrupt.Affinity',
)
const PAUSE = layout('NDIS_MINIPORT_PAUSE_PARAMETERS', 'PauseReason')
const RESTART = layout('NDIS_MINIPORT_RESTART_PARAMETERS', 'RestartAttributes')
/** NET_LUID: interface type in the upper 16 bits, then an index of 24 bits. */
const LUID_TYPE_SHIFT = 48n
const LUID_INDEX_SHIFT = 24n

/** The records that MiniportInitializeEx, MiniportRestart and MiniportPause get: live only while the callback runs. */
export function createArguments6(k: Kernel, records: NdisRecords) {
  const { space } = k
  const { w8, w16, w32, w64 } = space

  function fillInit(address: number, ifIndex: number): void {
    writeHeader(
      space,
      address,
      constant('NDIS_OBJECT_TYPE_MINIPORT_INIT_PARAMETERS'),
      constant('NDIS_MINIPORT_INIT_PARAMETERS_REVISION_1'),
      INIT.SIZE,
    )
    const resources = address + INIT.SIZE
    w32(address + INIT.AllocatedResources, resources)
    w32(address + INIT.IfIndex, ifIndex)
    const type = BigInt(constant('IF_TYPE_ETHERNET_CSMACD'))
    w64(address + INIT.NetLuid, (type << LUID_TYPE_SHIFT) | (BigInt(ifIndex) << LUID_INDEX_SHIFT))
    w16(resources + RESOURCES.Version, 1)
    w16(resources + RESOURCES.Revision, 1)
    w32(resources + RESOURCES.Count, 1)
    const interrupt = resources + RESOURCES.PartialDescriptors
    w8(interrupt + DESCRIPTOR.Type, constant('CmResourceTypeInterrupt'))
    w32(interrupt + DESCRIPTOR['u.Interrupt.Level'], DIRQL_BASE)
    w32(interrupt + DESCRIPTOR['u.Interrupt.Vector'], DIRQL_BASE)
    w32(interrupt + DESCRIPTOR['u.Interrupt.Affinity'], (1 << k.cpus.count) - 1)
  }

  return {
    /** The resources are one interrupt line. */
    withInit: <T>(ifIndex: number, run: (address: number) => T): T =>
      records.with(INIT.SIZE + RESOURCES.SIZE, (address) => fillInit(address, ifIndex), run),
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
