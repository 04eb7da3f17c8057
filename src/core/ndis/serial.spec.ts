/** Serialized miniports: NDIS calls one function at a time, whatever the CPU (PV serialized miniport drivers). */
import { describe, expect, test } from 'vitest'
import { ACTIVATION } from '../kernel/cpus'
import { layout } from '../memory/layout'
import type { Cell } from '../memory/cell'
import { cell } from '../test-guest'
import { createStack5Guest } from '../test-stack5'
import { createSerial } from './serial'
import { NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from './status'

const CPUS = 4
const ROUNDS = 6
const INTERRUPT_LEVEL = 10

/** Sends, requests, timers and DPCs on four CPUs at once; how many handlers ran at the same time at most, and which. */
function crowd(deserialized: boolean, seed: number) {
  const stack = createStack5Guest({ cpus: CPUS, seed })
  const { kernel, executive } = stack.machine
  const timer = stack.zeroed(layout('NDIS_MINIPORT_TIMER').SIZE)
  const interrupt = stack.zeroed(layout('NDIS_MINIPORT_INTERRUPT').SIZE)
  let inside = 0
  let most = 0
  const calls = new Map<string, number>()
  const pending: number[] = []
  /** A handler that takes its time. */
  function work(name: string, run: () => number = () => NDIS_STATUS_SUCCESS): () => number {
    return () => {
      inside++
      most = Math.max(most, inside)
      calls.set(name, (calls.get(name) ?? 0) + 1)
      for (let i = 0; i < 5; i++) stack.call('NdisStallExecution', 1)
      const status = run()
      inside--
      return status
    }
  }
  const miniport = stack.miniport(
    {
      SendHandler(_context: number, packet: number) {
        return work('send', () => {
          pending.push(packet)
          return NDIS_STATUS_PENDING
        })()
      },
      QueryInformationHandler: work('query'),
      ISRHandler(recognized: Cell, dpc: Cell) {
        recognized.value = 1
        dpc.value = 1
      },
      HandleInterruptHandler: work('dpc', () => {
        const packet = pending.shift()
        if (packet !== undefined) stack.call('NdisMSendComplete', miniport.handle, packet, 0)
        return 0
      }),
      HaltHandler() {
        stack.call('NdisMCancelTimer', timer, cell())
        stack.call('NdisMDeregisterInterrupt', interrupt)
      },
    },
    { deserialized },
  )
  const tcp = stack.protocol('tcp')
  stack.start()
  stack.call('NdisMRegisterInterrupt', interrupt, miniport.handle, INTERRUPT_LEVEL, INTERRUPT_LEVEL, 1, 0, 1)
  stack.call('NdisMInitializeTimer', timer, miniport.handle, work('timer'), 0)
  stack.call('NdisMSetPeriodicTimer', timer, 1)
  const line = executive.lines.find(interrupt)!
  for (let cpu = 0; cpu < CPUS; cpu++)
    kernel.scheduler.queueThread(cpu, {
      name: 'sender',
      kind: ACTIVATION.THREAD,
      irql: 0,
      run() {
        for (let round = 0; round < ROUNDS; round++) {
          line.queueDpc(round % CPUS, 0)
          const packet = stack.packet([cpu, round])
          if (stack.send(tcp, packet) !== NDIS_STATUS_PENDING) stack.call('NdisFreePacket', packet)
          if (round % 5 === 0)
            stack.ask(tcp, stack.request('NdisRequestQueryInformation', 'OID_GEN_LINK_SPEED', [0, 0, 0, 0]))
        }
      },
    })
  stack.idle(20)
  while (pending.length > 0)
    stack.atDispatch(() => stack.call('NdisMSendComplete', miniport.handle, pending.shift(), 0))
  return { stack, most, calls }
}

describe('on four CPUs', () => {
  test.each([1, 2, 3])('no two functions of a serialized miniport run at once, seed %i', (seed) => {
    const { stack, most, calls } = crowd(false, seed)
    expect([...calls.keys()].sort()).toEqual(['dpc', 'query', 'send', 'timer'])
    expect(calls.get('send')).toBe(CPUS * ROUNDS)
    expect(most).toBe(1)
    expect(stack.broken()).toEqual([])
  })
  test('those of a deserialized one do', () => {
    const { most } = crowd(true, 1)
    expect(most).toBeGreaterThan(1)
  })
})

describe('createSerial', () => {
  const adapter = (version: number, attributeFlags = 0) => ({ version, attributeFlags }) as never
  test('knows who is serialized: NDIS 3 to 5 without NDIS_ATTRIBUTE_DESERIALIZE', () => {
    const { isSerialized } = createSerial()
    expect(isSerialized(adapter(0x3_0000))).toBe(true)
    expect(isSerialized(adapter(0x5_0001, 0x20))).toBe(false)
    expect(isSerialized(adapter(0x6_0000))).toBe(false)
  })
  test('runs what came meanwhile afterwards, in its order', () => {
    const serial = createSerial()
    const miniport = adapter(0x5_0000)
    const order: string[] = []
    serial.run(miniport, () => {
      serial.run(miniport, () => void order.push('second'))
      expect(serial.enter(miniport)).toBe(false)
      serial.whenFree(miniport, () => void order.push('third'))
      order.push('first')
    })
    expect(order).toEqual(['first', 'second', 'third'])
    expect(serial.enter(miniport)).toBe(true)
    serial.leave(miniport)
    serial.forget(miniport)
    serial.whenFree(miniport, () => void order.push('at once'))
    expect(order.at(-1)).toBe('at once')
  })
})
