import { expect, test } from 'vitest'
import { ACTIVATION } from '../kernel/cpus'
import { createSharedMemory } from '../machine'
import { constant } from '../ndis/constants'
import { createDmaGuest } from '../test-dma'
import { cell } from '../test-guest'
import { createDmaAdapterChecks } from './dma-adapter'
import { sharedMemoryRequestRules } from './shared-memory-requests'

const MEMORY = 3 * 1024 * 1024

/** MiniportInitializeEx that asks for memory, and the rules in a machine with an error log. */
function initialize(bytes: number, logs: boolean, phase: 'initializing' | 'running' = 'initializing'): string[] {
  const guest = createDmaGuest({ memory: createSharedMemory(MEMORY) })
  const { kernel, driver, dma, executive } = guest.machine
  const checks = createDmaAdapterChecks(kernel, executive.adapters)
  const { before, after } = sharedMemoryRequestRules(kernel, driver, dma, checks, true)
  const hook = (hooks: unknown, name: string): ((...args: unknown[]) => void) =>
    (hooks as Record<string, (...args: unknown[]) => void>)[name]!
  guest.register(() => 0)
  guest.adapter.phase = phase
  const run = (): number => {
    const [address, physical] = [cell(), guest.memory(8)]
    const args = [guest.adapter.handle, bytes, 1, address, physical]
    guest.call('NdisMAllocateSharedMemory', ...args)
    hook(after, 'NdisMAllocateSharedMemory')(undefined, ...args)
    if (logs) hook(before, 'NdisWriteErrorLogEntry')(guest.adapter.handle, constant('NDIS_ERROR_CODE_OUT_OF_RESOURCES'))
    return 0
  }
  driver.callback(ACTIVATION.CALLBACK, 'MINIPORT_INITIALIZE', 0, run, [], 'MiniportInitializeEx')
  return guest.broken()
}

test('no shared memory in MiniportInitializeEx, and no word of it in the error log (WriteErrorLog)', () => {
  expect(initialize(MEMORY, false)).toEqual(['WriteErrorLog'])
})
test('an entry of the error log will do', () => {
  expect(initialize(MEMORY, true)).toEqual([])
})
test('there is nothing to say when there was memory, or when the adapter works already', () => {
  expect(initialize(64, false)).toEqual([])
  expect(initialize(MEMORY, false, 'running')).toEqual([])
})
