import { createMachine } from '../core/machine'
import type { Bound } from './binding'
import { Out } from '../core/memory/cell'

const ROUNDS = 20_000
const WARM_MEMORY = 8 * 1024 * 1024
let warm = false

/**
 * Runs the hot paths once before the lockdown: on Node 20, code with typed-array stores that first runs afterwards stays
 * two orders of magnitude slower (perf/FACTS). A machine of its own does it, so the real one starts untouched.
 */
export function warmUp(): void {
  if (warm) return
  warm = true
  const { kernel, functions, rules } = createMachine({
    memory: new WebAssembly.Memory({ initial: WARM_MEMORY >> 16, maximum: WARM_MEMORY >> 16, shared: true }),
  })
  const call = functions as Readonly<Record<string, Bound>>
  const Status = new Out(0)
  const Pool = new Out(0)
  const Packet = new Out(0)
  call['NdisAllocatePacketPool']!(Status, Pool, 32, 16)
  const checks = rules[0]!
  for (let i = 0; i < ROUNDS; i++) {
    ;(checks.before!['NdisAllocatePacket'] as Bound)(Status, Packet, Pool.value)
    call['NdisAllocatePacket']!(Status, Packet, Pool.value)
    ;(checks.before!['NdisFreePacket'] as Bound)(Packet.value)
    call['NdisFreePacket']!(Packet.value)
    ;(checks.after!['NdisFreePacket'] as Bound)(undefined, Packet.value)
    kernel.log.emit(
      i,
      kernel.site.s,
      kernel.clock.now() | 0,
      kernel.cpus.depth() - 1,
      Pool.value,
      Packet.value,
      Status.value,
      0,
    )
  }
}
