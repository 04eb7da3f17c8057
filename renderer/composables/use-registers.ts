/** The words of a NIC behind a panel: those on screen while the machine runs, all of them whenever it stands. */
import {
  inject,
  onBeforeUnmount,
  provide,
  shallowRef,
  triggerRef,
  watch,
  type InjectionKey,
  type Ref,
  type ShallowRef,
} from 'vue'
import { useSession } from '../debug/session'
import { RegisterSamples } from '../model/register-samples'

interface Registers {
  readonly samples: ShallowRef<RegisterSamples>
  /** Offsets that are on screen: one view at a time shows some. */
  readonly shown: ShallowRef<readonly number[]>
}
const REGISTERS: InjectionKey<Registers> = Symbol('registers')

/** The words of the NIC that the panel around a component shows; `show` says which of them are on screen here. */
export function useShownRegisters(): {
  readonly samples: ShallowRef<RegisterSamples>
  readonly show: (offsets: readonly number[]) => void
} {
  const registers = inject(REGISTERS)
  if (!registers) throw new Error('useShownRegisters() is for components inside the NIC panel')
  const { samples, shown } = registers
  let mine: readonly number[] = []
  onBeforeUnmount(() => {
    if (shown.value === mine) shown.value = []
  })
  return { samples, show: (offsets) => (shown.value = mine = offsets) }
}

/**
 * Reads them for all views of a panel, so that what changed since the last stop is known whichever of them is open.
 *
 * @param slot of the NIC; undefined: there is none
 * @param all offsets of all its words
 */
export function provideRegisters(
  slot: () => number | undefined,
  all: () => readonly number[],
  visible: Readonly<Ref<boolean>>,
): void {
  const session = useSession()
  const samples = shallowRef(new RegisterSamples())
  const shown = shallowRef<readonly number[]>([])
  let busy = false
  let again = false
  /** The stop of the last whole look. */
  let stop = ''

  const look = async (wanted: number): Promise<void> => {
    const target = samples.value
    const stands = session.phase !== 'running'
    const now = `${session.phase} ${session.stops}`
    const offsets = stands ? all() : shown.value
    if (!offsets.length) return
    const { values } = await session.request('ndis/registers', { slot: wanted, offsets })
    if (target !== samples.value) return
    if (stands) target.stop(offsets, values, stop === now)
    else target.look(offsets, values)
    if (stands) stop = now
    triggerRef(samples)
  }
  const read = async (): Promise<void> => {
    const wanted = slot()
    if (wanted === undefined || !visible.value || !session.client) return
    if (busy) return void (again = true)
    busy = true
    // A machine that is gone answers nothing; the next one is looked at anew.
    await look(wanted).catch(() => undefined)
    busy = false
    if (!again) return
    again = false
    void read()
  }
  watch([() => session.runs, slot], () => {
    samples.value = new RegisterSamples()
    stop = ''
  })
  watch([() => session.epoch, () => session.tick, visible, slot, () => shown.value.join()], () => void read(), {
    immediate: true,
  })
  provide(REGISTERS, { samples, shown })
}
