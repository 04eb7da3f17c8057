/**
 * One mode of the pool benchmark in a process of its own, with one machine in it, as in the engine worker:
 * `node bench/pool-pairs.mjs FORM checked|rules|unchecked|bare`. Prints nanoseconds a pair, the median of several rounds. The
 * driver marks the rounds with its debug output; the first ones belong to the compiler. checked: all rules and the event log;
 * rules: without the log; unchecked: neither; bare: no script and no binding, the implementations are called themselves.
 */
import { performance } from 'node:perf_hooks'
import { createMachine, loadDriver } from '../out/node/lib.js'

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

const marks = []
const mark = () => marks.push(performance.now())

function runDriver() {
  const options = { log: mode === 'checked', rules: mode !== 'unchecked', onOutput: mark }
  const report = loadDriver(source, options).run()
  if (report.outcome !== 'clean' || marks.length !== WARM_ROUNDS + ROUNDS)
    throw new Error(
      `the benchmark's driver is not clean: ${JSON.stringify(report.violations[0] ?? report.error ?? report.bugcheck)}`,
    )
}
/** The implementations called as they are, by code that is no script: what a binding with nothing to check is measured against. */
function runBare() {
  // The language is hardened as it is for drivers.
  loadDriver('export function DriverEntry() { return 0 }', { log: false, rules: false }).run()
  const { functions } = createMachine({ rules: false })
  const pairs = new Function(
    take,
    give,
    `return function pairs(Pool, count) {
      const Status = { value: 0 }, Packet = { value: 0 }
      for (let i = 0; i < count; i++) {
        ${take}(Status, Packet, Pool)
        ${give}(Packet.value)
      }
    }`,
  )(functions[take], functions[give])
  const Status = { value: 0 }
  const Pool = { value: 0 }
  const Old = { value: 0 }
  functions.NdisAllocatePacketPool(Status, Pool, 1024, 16)
  if (dispatch) functions.NDIS_RAISE_IRQL_TO_DISPATCH(Old)
  for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
    pairs(Pool.value, PAIRS)
    mark()
  }
}
if (mode === 'bare') runBare()
else runDriver()
const rounds = marks.slice(WARM_ROUNDS).map((mark, index) => ((mark - marks[WARM_ROUNDS + index - 1]) * 1e6) / PAIRS)
rounds.sort((a, b) => a - b)
console.log(rounds[ROUNDS >> 1].toFixed(4))
