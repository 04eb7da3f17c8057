import type { Adapter } from '../ndis/adapters'

const NDIS_6 = 0x6_0000

/** The callback that should have given back what an adapter leaves behind: the halt handler, or the initialization that failed. */
export function lastCallback({ phase, version }: Adapter): string {
  const name = phase === 'initializing' ? 'MiniportInitialize' : 'MiniportHalt'
  return version >= NDIS_6 ? `${name}Ex` : name
}
