/** The words of a NIC behind a panel: those on screen while the machine runs, all of them whenever it stands. */
import { shallowRef, triggerRef, watch, type Ref, type ShallowRef } from 'vue'
import { useSession } from '../debug/session'
import { RegisterSamples } from '../model/register-samples'

/**
 * @param slot of the NIC; undefined: there is none
 * @param all offsets of all its words
 * @param shown offsets that are on screen
 */
export function useRegisters(
  slot: () => number | undefined,
  all: () => readonly number[],
  shown: () => readonly number[],
  visible: Readonly<Ref<boolean>>,
): ShallowRef<RegisterSamples> {
  const session = useSession()
  const samples = shallowRef(new RegisterSamples())
  let busy = false
  let again = false
  /** The stop of the last whole look. */
  let stop = ''

  const look = async (wanted: number): Promise<void> => {
    const target = samples.value
    const stands = session.phase !== 'running'
    const now = `${session.phase} ${session.stops}`
    const offsets = stands ? all() : shown()
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
  watch([() => session.epoch, () => session.tick, visible, slot, () => shown().join()], () => void read(), {
    immediate: true,
  })
  return samples
}
