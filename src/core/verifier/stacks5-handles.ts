import type { Kernel } from '../kernel/kernel'
import { ADAPTER_OBJECT, type Adapters } from '../ndis/adapters'
import type { Network } from '../ndis/network'
import { BINDING5_OBJECT, type Binding5 } from '../ndis/stack5'
import { badHandle } from './handles'
import { hex } from './hex'

const NDIS_6 = 0x6_0000

/** Handles of bindings and adapters of NDIS 3 to 5; each reports one that stands for nothing. */
export interface Handles5 {
  /** undefined, too, when the binding is being closed. */
  binding(fn: string, handle: number): Binding5 | undefined
  /** true: the call is refused. One of a miniport of NDIS 6 is not: NDIS stops the machine for it. */
  badAdapter(fn: string, handle: number): boolean
}

export function createHandles5(k: Kernel, { stacks5 }: Network, adapters: Adapters): Handles5 {
  const { violation } = k.verifier
  return {
    binding(fn, handle) {
      if (badHandle(k, fn, handle, BINDING5_OBJECT)) return undefined
      const binding = stacks5.binding(handle)
      if (!binding?.closing) return binding
      violation(
        'InvalidHandle',
        fn,
        `${fn} was given ${hex(handle)}, a binding that is being closed: the handle is invalid as soon as NdisCloseAdapter is called.`,
      )
      return undefined
    },
    badAdapter(fn, handle) {
      if (badHandle(k, fn, handle, ADAPTER_OBJECT)) return true
      const adapter = adapters.find(handle)
      if (!adapter || adapter.version >= NDIS_6 || adapter.phase !== 'initializing') return false
      violation('AdapterNotInitialized', fn, `${fn} is called before MiniportInitialize has returned.`)
      return true
    },
  }
}
