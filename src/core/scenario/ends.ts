import type { Machine } from '../machine'
import type { Adapter } from '../ndis/adapters'
import { apiFunctions } from './api-functions'
import { createFrameSlots5 } from './frame-slots5'
import { createFrameSlots6 } from './frame-slots6'
import { createCompletions } from './completions'
import { createOutside } from './outside'
import { createLoopback5 } from './loopback5'
import { createLoopback6 } from './loopback6'
import type { LoopbackMiniport, Outside, TestProtocol } from './test-end'
import { createTestProtocol5 } from './test-protocol5'
import { createTestProtocol6 } from './test-protocol6'

const NDIS_6 = 0x6_0000

/** The workbench's own ends of the stacks, where the person brought only a part. */
export interface Ends {
  /** Loopback miniports below protocols and filters that have no adapter of their generation. */
  readonly loopbacks: readonly LoopbackMiniport[]
  /** One above each adapter. */
  readonly protocols: readonly TestProtocol[]
  /** What is at the other end of a protocol's adapter; `own` is the adapter's address. */
  outside(protocol: TestProtocol, own: Uint8Array): Outside
  /** Frames that the wire of an adapter lost or spoilt so far, both ways. */
  lostOnTheWay(adapter: Adapter): number
  /** Ends the bindings, then takes the loopback miniports down. */
  remove(): void
}

/** Builds the ends; the drivers are loaded and started. */
export function createEnds(machine: Machine): Ends {
  const { kernel, pools, mdls, executive, netBufferSide, functions } = machine
  const { adapters, network } = executive
  const { ndis6, stacks5, receive5 } = network
  const { records } = ndis6
  const completions = createCompletions(kernel)
  const slots6 = createFrameSlots6(kernel, { pools, blocks: netBufferSide.blocks, mdls, records })
  const slots5 = createFrameSlots5(kernel, { pools, records, api: apiFunctions(functions) })
  const has = (generation: 5 | 6): boolean => {
    let found = false
    adapters.forEach((adapter) => (found ||= adapter.version >= NDIS_6 === (generation === 6)))
    return found
  }
  const loopbacks = [
    network.hasProtocols(5) && !has(5)
      ? createLoopback5(kernel, { adapters, network, mdls, slots: slots5, completions })
      : undefined,
    (network.hasProtocols(6) || network.hasFilters()) && !has(6)
      ? createLoopback6(kernel, { adapters, ndis: ndis6, calls: network.calls, mdls, slots: slots6, completions })
      : undefined,
  ].filter((loopback) => loopback !== undefined)

  function over(adapter: Adapter): TestProtocol | undefined {
    if (!adapter.control) return undefined
    const stack6 = ndis6.of(adapter)
    if (stack6) return createTestProtocol6(kernel, { ndis: ndis6, mdls, slots: slots6, stack: stack6, completions })
    const stack5 = stacks5.of(adapter.handle)
    return stack5 && createTestProtocol5(kernel, { stacks5, receive5, mdls, slots: slots5, stack: stack5, completions })
  }
  const protocols: TestProtocol[] = []
  adapters.forEach((adapter) => {
    const protocol = over(adapter)
    if (protocol) protocols.push(protocol)
  })
  const outside = createOutside(machine, loopbacks)
  return {
    loopbacks,
    protocols,
    outside: (protocol, own) => outside.of(protocol.adapter, own),
    lostOnTheWay: ({ hardware }) => (hardware ? outside.lost(hardware.slot) : 0),
    remove() {
      for (const protocol of [...protocols].reverse()) protocol.close()
      for (const loopback of [...loopbacks].reverse()) loopback.remove()
      slots6.free()
      slots5.free()
    },
  }
}
