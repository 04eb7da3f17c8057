import type { Kernel } from '../kernel/kernel'
import type { Adapter } from './adapters'
import type { Wanted } from './merged-sets'
import { createWays, type Ways } from './way'

/** What came of asking a miniport of NDIS 5 for an OID. */
export type RequestDone = (status: number, bytes: number, needed: number) => void

/** The lower end of a stack of NDIS 5: a script's miniport, or the workbench's own. */
export interface MiniportEnd5 {
  /** Takes packets; each ends with `path.sent`, now or later. */
  send(packets: readonly number[]): void
  /** NDIS_STATUS_PENDING when it ends later. */
  transferData(packet: number, context: number, offset: number, length: number): { status: number; bytes: number }
  returnPacket(packet: number): void
  /** Calls `done` when it is over, perhaps before it returns. */
  query(oid: number, buffer: number, length: number, done: RequestDone): void
  set(oid: number, buffer: number, length: number, done: RequestDone): void
  /** Calls `done` when it is over; false when there is no such handler. */
  reset(done: (status: number) => void): boolean
  cancelSend(cancelId: number): void
}

/** The upper end at one binding: a script's protocol, or the workbench's own. */
export interface ProtocolEnd5 {
  sendComplete(packet: number, status: number): void
  receive(
    context: number,
    header: number,
    headerBytes: number,
    lookahead: number,
    lookaheadBytes: number,
    packetBytes: number,
  ): number
  /** How often the packet will be returned; undefined when the protocol takes no packets. */
  receivePacket: ((packet: number) => number) | undefined
  receiveComplete(): void
  transferComplete(packet: number, status: number, bytes: number): void
  status(code: number, buffer: number, bytes: number): void
  statusComplete(): void
  requestComplete(request: number, status: number): void
  resetComplete(status: number): void
  pnpEvent(event: number): number
}

export interface Binding5 extends Wanted {
  readonly kind: 'binding'
  readonly id: number
  readonly handle: number
  readonly stack: Stack5
  readonly end: ProtocolEnd5
  /** Packets that it sent and that are not back. */
  sent: number
  /** Requests that are pending. */
  requests: number
  /** NdisCloseAdapter was called: the handle is no longer valid (PV NdisCloseAdapter). */
  closing: boolean
  /** Called when nothing of a binding that closes is out any more. */
  whenQuiet: (() => void) | undefined
}

/** An adapter of NDIS 3 to 5 and the protocols that are bound to it. */
export interface Stack5 {
  readonly adapter: Adapter
  readonly end: MiniportEnd5
  readonly bindings: Binding5[]
  /** OID_802_3_CURRENT_ADDRESS, once it was asked for. */
  address: Uint8Array
  /** No packet goes down meanwhile. */
  resetting: boolean
}

/** Something of a binding is back: it may be what its close waits for. */
export function oneBack(binding: Binding5, kind: 'sent' | 'requests'): void {
  binding[kind]--
  if (binding.whenQuiet && isQuiet(binding)) {
    const run = binding.whenQuiet
    binding.whenQuiet = undefined
    run()
  }
}
export const isQuiet = ({ sent, requests }: Binding5): boolean => sent === 0 && requests === 0

export const BINDING5_OBJECT = 'NDIS 5 binding'
/** 'NDob' */
const BINDING_TAG = 0x626f444e
const BINDING_BYTES = 16

/** The stacks of NDIS 3 to 5. */
export interface Stacks5 {
  readonly all: readonly Stack5[]
  readonly ways: Ways<Binding5>
  of(adapterHandle: number): Stack5 | undefined
  binding(handle: number): Binding5 | undefined
  create(adapter: Adapter, end: MiniportEnd5): Stack5
  destroy(stack: Stack5): void
  /** undefined when memory is short. */
  bind(stack: Stack5, end: ProtocolEnd5): Binding5 | undefined
  unbind(binding: Binding5): void
}

export function createStacks5(k: Kernel): Stacks5 {
  const all: Stack5[] = []
  const ways = createWays<Binding5>(k)
  const byHandle = new Map<number, Binding5>()
  return {
    all,
    ways,
    of: (handle) => all.find((stack) => stack.adapter.handle === handle),
    binding: (handle) => byHandle.get(handle),
    create(adapter, end) {
      const stack: Stack5 = { adapter, end, bindings: [], address: new Uint8Array(0), resetting: false }
      all.push(stack)
      return stack
    },
    destroy(stack) {
      for (const binding of [...stack.bindings]) this.unbind(binding)
      all.splice(all.indexOf(stack), 1)
    },
    bind(stack, end) {
      const handle = k.objects.create(BINDING5_OBJECT, BINDING_TAG, BINDING_BYTES, false)
      if (handle === 0) return undefined
      const binding = {
        kind: 'binding',
        handle,
        stack,
        end,
        sent: 0,
        requests: 0,
        closing: false,
        whenQuiet: undefined,
        packetFilter: 0,
        multicast: new Uint8Array(0),
      } as unknown as Binding5
      Object.assign(binding, { id: ways.register(binding) })
      byHandle.set(handle, binding)
      stack.bindings.push(binding)
      return binding
    },
    unbind(binding) {
      binding.stack.bindings.splice(binding.stack.bindings.indexOf(binding), 1)
      byHandle.delete(binding.handle)
      ways.forget(binding.id)
      k.objects.destroy(binding.handle)
    },
  }
}
