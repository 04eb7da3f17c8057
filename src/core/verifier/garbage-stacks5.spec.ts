import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MachineStopped } from '../kernel/bugcheck'
import { apiByName } from '../ndis/api'
import { NDIS_STATUS_PENDING } from '../ndis/status'
import { cell } from '../test-guest'
import { createStack5Guest, OWN_ADDRESS, type Stack5Guest } from '../test-stack5'

/** All calls of stacks of NDIS 3 to 5. */
const FUNCTIONS = [
  'NdisRegisterProtocol', 'NdisDeregisterProtocol', 'NdisOpenAdapter', 'NdisCloseAdapter', 'NdisCompleteBindAdapter',
  'NdisCompleteUnbindAdapter', 'NdisCompletePnPEvent', 'NdisSend', 'NdisSendPackets', 'NdisCancelSendPackets', 'NdisTransferData',
  'NdisReturnPackets', 'NdisGetReceivedPacket', 'NdisRequest', 'NdisReset', 'NdisMSendComplete', 'NdisMSendResourcesAvailable',
  'NdisMTransferDataComplete', 'NdisMEthIndicateReceive', 'NdisMEthIndicateReceiveComplete', 'NdisMIndicateReceivePacket',
  'NdisMIndicateStatus', 'NdisMIndicateStatusComplete', 'NdisMQueryInformationComplete', 'NdisMSetInformationComplete',
  'NdisMResetComplete',
] as const // prettier-ignore

/** A miniport with a protocol, something of each kind under way, and pointers to all of it, to what is gone, and to nowhere. */
function setUp(): { stack: Stack5Guest; values: unknown[] } {
  const stack = createStack5Guest()
  const miniport = stack.miniport({
    SendHandler: () => NDIS_STATUS_PENDING,
    QueryInformationHandler: () => NDIS_STATUS_PENDING,
    TransferDataHandler: () => NDIS_STATUS_PENDING,
  })
  const tcp = stack.protocol('tcp', { ReceivePacketHandler: () => 1 })
  const closed = stack.protocol('closed')
  stack.start()
  stack.listen(tcp, 'NDIS_PACKET_TYPE_PROMISCUOUS')
  stack.call('NdisCloseAdapter', cell(), closed.handle)
  const [sent, held, fresh, gone] = [stack.packet([1]), stack.packet([...OWN_ADDRESS, ...OWN_ADDRESS, 8, 0]), stack.packet([2]), stack.packet([3])] // prettier-ignore
  stack.send(tcp, sent)
  stack.atDispatch(() => stack.call('NdisMIndicateReceivePacket', miniport.handle, stack.array(held), 1))
  const request = stack.request('NdisRequestQueryInformation', 'OID_GEN_LINK_SPEED', [0, 0, 0, 0])
  stack.ask(tcp, request)
  stack.call('NdisUnchainBufferAtFront', gone, cell())
  stack.call('NdisFreePacket', gone)
  const wild = [0, 1, -1, 3, 0x7fff_fff0, 0xffff_fffe, 0x6b6b_6b6b, 2 ** 40, 0.5, Number.NaN, undefined, null, 'text']
  return {
    stack,
    values: [
      ...wild, cell(), miniport.handle, miniport.driver, tcp.handle, tcp.driver, closed.handle, closed.driver, sent, held, fresh,
      gone, fresh + 8, request, stack.array(fresh, held, gone), stack.array(request, 0), stack.zeroed(256), stack.memory(256),
      stack.frame(OWN_ADDRESS, 40), 14, 40,
    ], // prettier-ignore
  }
}
const COUNT = setUp().values.length

type Call = readonly [string, readonly number[]]

/** Runs calls, with a new machine after each stop; what was thrown beside the stops. */
function thrownBy(calls: readonly Call[]): string[] {
  const failures: string[] = []
  let { stack, values } = setUp()
  for (const [name, picks] of calls) {
    const args = apiByName.get(name)!.params.map((_param, i) => values[picks[i % picks.length]! % values.length])
    try {
      stack.atDispatch(() => stack.call(name, ...args))
    } catch (thrown) {
      if (!(thrown instanceof MachineStopped))
        failures.push(`${name}(${args.map(String).join(', ')}): ${String(thrown)}`)
      ;({ stack, values } = setUp())
    }
  }
  return failures
}
/** Every value at each place, the others beside it chosen by the round; of many places only every other round. */
const eachPlace = (name: string, places: number): Call[] =>
  Array.from({ length: places * COUNT }, (_unused, round) => round)
    .filter((round) => places < 4 || round % 2 === 0)
    .map((round) => [
      name,
      Array.from({ length: places }, (_place, i) =>
        i === Math.floor(round / COUNT) ? round % COUNT : (round * 5 + i * 7) % COUNT,
      ),
    ])

describe('garbage for stacks of NDIS 3 to 5', () => {
  test.each(FUNCTIONS.map((name) => [name, apiByName.get(name)!.params.length] as const))(
    '%s survives every value at each place',
    (name, places) => {
      expect(thrownBy(eachPlace(name, places))).toEqual([])
    },
  )
  test('and calls in any order', () => {
    const call = fc.tuple(fc.constantFrom(...FUNCTIONS), fc.array(fc.nat(COUNT - 1), { minLength: 4, maxLength: 7 }))
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 12 }), (calls) => {
        expect(thrownBy(calls)).toEqual([])
      }),
      { numRuns: 25, seed: 5 },
    )
  })
})
