import type { Adapter } from './adapters'
import { constant } from './constants'

const NDIS6 = 0x6_0000
const BUS_MASTER5 = constant('NDIS_ATTRIBUTE_BUS_MASTER')
const BUS_MASTER6 = constant('NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER')

export const isNdis6 = ({ version }: Adapter): boolean => version >= NDIS6

/** Whether the miniport told NDIS that its NIC is a bus master. */
export const isBusMaster = (adapter: Adapter): boolean =>
  (adapter.attributeFlags & (isNdis6(adapter) ? BUS_MASTER6 : BUS_MASTER5)) !== 0
