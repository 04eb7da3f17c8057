/**
 * One mode of the pool benchmark in a process of its own: `node bench/pool-pairs.mjs FORM checked|unchecked`.
 * Prints nanoseconds a pair, the median of several rounds, each the difference of a long and a short run.
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
const SHORT = 200_000
const LONG = 4_200_000
const ROUNDS = 7

const { take, give, dispatch } = FORMS[form]
const source = `
import { ${take}, ${give}, NdisAllocatePacketPool, NdisFreePacketPool, NDIS_RAISE_IRQL_TO_DISPATCH, NDIS_LOWER_IRQL, out } from 'ndis'
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
  pairs(Pool.value, COUNT)
  ${dispatch ? 'NDIS_LOWER_IRQL(Old.value, 2)' : ''}
  NdisFreePacketPool(Pool.value)
  return 0
}`

function timed(count) {
  const on = mode === 'checked'
  const driver = loadDriver(source.replace('COUNT', String(count)), { log: on, rules: on })
  const start = performance.now()
  const report = driver.run()
  const ms = performance.now() - start
  if (report.outcome !== 'clean')
    throw new Error(
      `the benchmark's driver is not clean: ${JSON.stringify(report.violations[0] ?? report.error ?? report.bugcheck)}`,
    )
  return ms
}

timed(SHORT)
const results = []
for (let round = 0; round < ROUNDS; round++) results.push(((timed(LONG) - timed(SHORT)) * 1e6) / (LONG - SHORT))
results.sort((a, b) => a - b)
console.log(results[ROUNDS >> 1].toFixed(4))
