import { same } from '../same'
import { cell } from '../bench'
import { DISPATCH, pick, remove, type Area, type Draw, type Step, type World } from '../world'

const NDIS_LOCKS = 3
const KERNEL_LOCKS = 2
/** Level of a device interrupt. */
const DIRQL = 5

type Form = 'Ndis' | 'NdisDpr' | 'Ke' | 'KeDpc'
interface Lock {
  readonly at: number
  readonly isNdis: boolean
  ready: boolean
  held?: { readonly form: Form; readonly old: number }
}
const ACQUIRE: Readonly<Record<Form, string>> = {
  Ndis: 'NdisAcquireSpinLock',
  NdisDpr: 'NdisDprAcquireSpinLock',
  Ke: 'KeAcquireSpinLock',
  KeDpc: 'KeAcquireSpinLockAtDpcLevel',
}
const RELEASE: Readonly<Record<Form, string>> = {
  Ndis: 'NdisReleaseSpinLock',
  NdisDpr: 'NdisDprReleaseSpinLock',
  Ke: 'KeReleaseSpinLock',
  KeDpc: 'KeReleaseSpinLockFromDpcLevel',
}

/** The IRQL of one processor, and spin locks: each goes back to the IRQL that it was taken at, in whatever order. */
export function createProcessor(world: World): Area {
  const { bench } = world
  const { space } = bench.machine.kernel
  const locks: Lock[] = Array.from({ length: NDIS_LOCKS + KERNEL_LOCKS }, (_unused, i) => {
    const isNdis = i < NDIS_LOCKS
    const at = bench.memory(isNdis ? 8 : 4)
    bench.call(isNdis ? 'NdisAllocateSpinLock' : 'KeInitializeSpinLock', at)
    return { at, isNdis, ready: true }
  })
  /** Oldest first. */
  const order: Lock[] = []
  /** IRQLs that raises started from. */
  let raises: number[] = []

  function raise(to: number, name: string, args: readonly unknown[]): number {
    raises.push(world.irql)
    world.irql = to
    return bench.call(name, ...args)
  }
  const mayLower = (): boolean => {
    const old = raises.at(-1)
    return old !== undefined && old <= world.irql && (world.locks === 0 || old >= DISPATCH)
  }
  function lower(name: string): void {
    const now = world.irql
    world.irql = raises.pop()!
    bench.call(name, world.irql, now)
  }

  const free = (isNdis: boolean): Lock[] => locks.filter((lock) => lock.isNdis === isNdis && lock.ready && !lock.held)
  function acquire(draw: Draw, form: Form): void {
    const lock = pick(draw, free(form === 'Ndis' || form === 'NdisDpr'))
    lock.held = { form, old: world.irql }
    order.push(lock)
    world.locks++
    if (form === 'Ndis' || form === 'Ke') world.irql = DISPATCH
    const old = cell()
    bench.call(ACQUIRE[form], lock.at, ...(form === 'Ke' ? [old] : []))
    if (form === 'Ke') same(old.value, lock.held.old)
  }
  /** DV:LockReleaseOrder is reported, and what each lock saved decides about the IRQL all the same. */
  function release(lock: Lock): readonly string[] {
    const { form, old } = lock.held!
    const newest = order.at(-1) === lock
    remove(order, lock)
    delete lock.held
    world.locks--
    if (form === 'Ndis' || form === 'Ke') world.irql = old
    bench.call(RELEASE[form], lock.at, ...(form === 'Ke' ? [old] : []))
    if (!newest) world.outOfOrder = true
    return newest ? [] : ['DV:LockReleaseOrder']
  }
  const acquiring = (form: Form, isNdis: boolean, lowest: number): Step => ({
    name: ACQUIRE[form],
    may: () => world.irql >= lowest && world.irql <= DISPATCH && free(isNdis).length > 0,
    run: (draw) => acquire(draw, form),
  })

  const steps: Step[] = [
    {
      name: 'NDIS_RAISE_IRQL_TO_DISPATCH',
      may: () => world.irql <= DISPATCH,
      run() {
        const [old, before] = [cell(), world.irql]
        raise(DISPATCH, 'NDIS_RAISE_IRQL_TO_DISPATCH', [old])
        same(old.value, before)
      },
    },
    {
      name: 'KeRaiseIrqlToDpcLevel',
      may: () => world.irql <= DISPATCH,
      run() {
        const before = world.irql
        same(raise(DISPATCH, 'KeRaiseIrqlToDpcLevel', []), before)
      },
    },
    {
      name: 'KeRaiseIrql',
      may: () => world.irql <= DIRQL,
      run(draw) {
        const to = Math.max(world.irql, pick(draw, world.locks > 0 ? [DISPATCH] : [DISPATCH, 1, DIRQL]))
        const [old, before] = [cell(), world.irql]
        raise(to, 'KeRaiseIrql', [to, old])
        same(old.value, before)
      },
    },
    { name: 'KeLowerIrql', may: mayLower, run: () => lower('KeLowerIrql') },
    { name: 'NDIS_LOWER_IRQL', may: mayLower, run: () => lower('NDIS_LOWER_IRQL') },
    {
      name: 'KeGetCurrentIrql',
      may: () => true,
      run: () => same(bench.call('KeGetCurrentIrql'), world.irql),
    },
    acquiring('Ndis', true, 0),
    acquiring('NdisDpr', true, DISPATCH),
    acquiring('Ke', false, 0),
    acquiring('KeDpc', false, DISPATCH),
    {
      name: 'release the newest lock',
      may: () => world.irql === DISPATCH && order.length > 0,
      run: () => release(order.at(-1)!),
    },
    {
      name: 'release any lock',
      may: () => world.irql === DISPATCH && order.length > 0,
      run: (draw) => release(pick(draw, order)),
    },
    {
      name: 'NdisFreeSpinLock',
      may: () => free(true).length > 0,
      run(draw) {
        const lock = pick(draw, free(true))
        lock.ready = false
        bench.call('NdisFreeSpinLock', lock.at)
      },
    },
    {
      name: 'NdisAllocateSpinLock',
      may: () => locks.some((lock) => !lock.ready),
      run() {
        const lock = locks.find(({ ready }) => !ready)!
        lock.ready = true
        bench.call('NdisAllocateSpinLock', lock.at)
      },
    },
  ]
  return {
    steps,
    check() {
      for (const { at, held, isNdis, ready } of locks) {
        same(space.r32(at), held ? 1 : 0)
        if (isNdis && held?.form === 'Ndis') same(space.r8(at + 4), held.old)
        if (!ready) same(space.r32(at + 4), 0)
      }
      const held = bench.machine.kernel.locks.held.map((record) => bench.machine.kernel.locks.get(record, 0) >>> 0)
      same(
        held,
        order.map(({ at }) => at),
      )
    },
    drain() {
      while (world.irql > DISPATCH && mayLower()) lower('KeLowerIrql')
      for (let lock = order.at(-1); lock; lock = order.at(-1)) {
        if (world.irql < DISPATCH) raise(DISPATCH, 'KeRaiseIrqlToDpcLevel', [])
        release(lock)
      }
      while (mayLower()) lower('KeLowerIrql')
      // A raise whose start lies above the IRQL by now can no longer be undone: it ends with the function.
      raises = []
      for (const lock of locks) if (!lock.ready) bench.call('NdisAllocateSpinLock', lock.at)
      for (const lock of locks) lock.ready = true
    },
  }
}
