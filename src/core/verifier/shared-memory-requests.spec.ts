import { expect, test } from 'vitest'
import { ACTIVATION } from '../kernel/cpus'
import { createSharedMemory } from '../machine'
import { constant } from '../ndis/constants'
import { NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from '../ndis/status'
import { createDmaGuest } from '../test-dma'
import { cell } from '../test-guest'

const MEMORY = 3 * 1024 * 1024

interface Initialize {
  readonly bytes?: number
  readonly logs?: boolean
  readonly status?: number
}
/** MiniportInitializeEx that asks for memory and returns a status; the rules that it broke. */
function initialize({ bytes = MEMORY, logs = false, status = NDIS_STATUS_RESOURCES }: Initialize): string[] {
  const guest = createDmaGuest({ memory: createSharedMemory(MEMORY) })
  const { handle } = guest.adapter
  guest.register(() => 0)
  const run = (): number => {
    guest.call('NdisMAllocateSharedMemory', handle, bytes, 1, cell(), guest.memory(8))
    if (logs) guest.call('NdisWriteErrorLogEntry', handle, constant('NDIS_ERROR_CODE_OUT_OF_RESOURCES'), 0)
    return status
  }
  guest.machine.driver.callback(ACTIVATION.CALLBACK, 'MINIPORT_INITIALIZE', 0, run, [], 'MiniportInitializeEx')
  return guest.broken()
}

test('initialization fails for want of shared memory, and no word of it in the error log (WriteErrorLog)', () => {
  expect(initialize({})).toEqual(['WriteErrorLog'])
})
test('an entry of the error log will do', () => {
  expect(initialize({ logs: true })).toEqual([])
})
test('there is nothing to say when there was memory, or when the driver does with less', () => {
  expect(initialize({ bytes: 64 })).toEqual([])
  expect(initialize({ status: NDIS_STATUS_SUCCESS })).toEqual([])
})
