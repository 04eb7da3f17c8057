import type { ApiParam } from './types'

/**
 * C type of the cell that an out or inout parameter takes: 'NDIS_STATUS' for 'PNDIS_STATUS', 'PNDIS_PACKET' for
 * 'PNDIS_PACKET *'. undefined for parameters that are passed by value.
 */
export const cellType = ({ direction, type }: Pick<ApiParam, 'direction' | 'type'>): string | undefined => {
  if (direction === 'in') return undefined
  if (type.endsWith('*')) return type.slice(0, -1).trimEnd()
  return type.slice(1)
}
