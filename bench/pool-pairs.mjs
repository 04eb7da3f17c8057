/**
 * One mode of the pool benchmark in a process of its own, with one machine in it, as in the engine worker:
 * `node bench/pool-pairs.mjs FORM checked|rules|unchecked|bare`. Prints nanoseconds a pair, the median of many short rounds. The
 * driver marks the rounds with its debug output; the first ones belong to the compiler. checked: all rules and the event log;
 * rules: without the log; unchecked: neither; bare: no script and no binding.
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
const PAIRS = 200_000
const WARM_ROUNDS = 30
const ROUNDS = 100

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
/** What `out()` makes for a script. */
class Out {
  constructor(value) {
    this.value = value
  }
}
Object.freeze(Out.prototype)
/**
 * What a binding with nothing to check is measured against: code that calls the implementations as a driver calls bindings. It marks its
 * call sites too, and its functions can be exchanged; but it is no script, and there is no binding.
 */
function runBare() {
  // The language is hardened as it is for drivers.
  loadDriver('export function DriverEntry() { return 0 }', { log: false, rules: false }).run()
  const { functions, kernel } = createMachine({ rules: false })
  const { site } = kernel
  let taking, giving
  const exchange = () => ([taking, giving] = [functions[take], functions[give]])
  exchange()
  function pairs(Pool, count) {
    const Status = new Out(0)
    const Packet = new Out(0)
    for (let i = 0; i < count; i++) {
      site.s = 1
      taking(Status, Packet, Pool)
      site.s = 2
      giving(Packet.value)
    }
  }
  const [Status, Pool, Old] = [new Out(0), new Out(0), new Out(0)]
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
