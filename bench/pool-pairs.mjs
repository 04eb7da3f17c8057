/**
 * One mode of the pool benchmark in a process of its own, with one machine in it, as in the engine worker:
 * `node bench/pool-pairs.mjs FORM checked|unchecked`. Prints nanoseconds a pair, the median of several rounds. The driver
 * marks the rounds with its debug output; the first ones belong to the compiler.
 */
import { performance } from 'node:perf_hooks'
import { loadDriver } from '../out/node/lib.js'

const [form, mode] = process.argv.slice(2)
const FORMS = {
  plain: { take: 'NdisAllocatePacket', give: 'NdisFreePacket', dispatch: false },
  dpr: { take: 'NdisDprAllocatePacket', give: 'NdisDprFreePacket', dispatch: true },
  nonInterlocked: {
    take: 'NdisDprAllocatePacketNonInterlocked',
    give: 'NdisDprFreePacketNonInterlocked',
    dispatch: true,
  },
}
const PAIRS = 2_000_000
const WARM_ROUNDS = 3
const ROUNDS = 9

const { take, give, dispatch } = FORMS[form]
const source = `
import { ${take}, ${give}, NdisAllocatePacketPool, NdisFreePacketPool, NDIS_RAISE_IRQL_TO_DISPATCH, NDIS_LOWER_IRQL, DbgPrint, out } from 'ndis'
function pairs(Pool, count) {
  const Status = out(), Packet = out()
  for (let i = 0; i < count; i++) {
    ${take}(Status, Packet, Pool)
    ${give}(Packet.value)
  }
}
export function DriverEntry() {
  const Status = out(), Pool = out(), Old = out()
  NdisAllocatePacketPool(Status, Pool, 1024, 16)
  ${dispatch ? 'NDIS_RAISE_IRQL_TO_DISPATCH(Old)' : ''}
  for (let round = 0; round < ${WARM_ROUNDS + ROUNDS}; round++) {
    pairs(Pool.value, ${PAIRS})
    DbgPrint('%d\\n', round)
  }
  ${dispatch ? 'NDIS_LOWER_IRQL(Old.value, 2)' : ''}
  NdisFreePacketPool(Pool.value)
  return 0
}`

const on = mode === 'checked'
const marks = []
const report = loadDriver(source, { log: on, rules: on, onOutput: () => marks.push(performance.now()) }).run()
if (report.outcome !== 'clean' || marks.length !== WARM_ROUNDS + ROUNDS)
  throw new Error(
    `the benchmark's driver is not clean: ${JSON.stringify(report.violations[0] ?? report.error ?? report.bugcheck)}`,
  )
const rounds = marks.slice(WARM_ROUNDS).map((mark, index) => ((mark - marks[WARM_ROUNDS + index - 1]) * 1e6) / PAIRS)
rounds.sort((a, b) => a - b)
console.log(rounds[ROUNDS >> 1].toFixed(4))
