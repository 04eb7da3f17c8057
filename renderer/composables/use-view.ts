/** A view of the machine that a panel has open: read again at stops, and at display rate while it runs. */
import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { messageOf } from '../bridge/rpc-error'
import type { DapCommand, DapRequests } from '../debug/protocol'
import { useSession } from '../debug/session'

export interface View<T> {
  readonly data: ShallowRef<T | undefined>
  readonly error: Ref<string>
  readonly refresh: () => void
}

/**
 * Never two requests at a time: a slow host loses frames of display, not data. What is not visible is not asked for.
 *
 * @param args undefined: there is nothing to ask for at present.
 */
export function useView<C extends DapCommand>(
  command: C,
  args: () => DapRequests[C]['args'] | undefined,
  visible: Readonly<Ref<boolean>>,
): View<DapRequests[C]['body']> {
  const session = useSession()
  const data = shallowRef<DapRequests[C]['body']>()
  const error = ref('')
  let busy = false
  let again = false

  const read = async (): Promise<void> => {
    const wanted = args()
    if (!visible.value || wanted === undefined || !session.client) return
    if (busy) return void (again = true)
    busy = true
    try {
      data.value = await session.request(command, wanted)
      error.value = ''
    } catch (caught) {
      error.value = messageOf(caught)
    } finally {
      busy = false
    }
    if (!again) return
    again = false
    void read()
  }
  watch(
    () => session.runs,
    () => {
      data.value = undefined
      error.value = ''
    },
  )
  watch(
    [() => session.epoch, () => session.tick, () => session.client, visible, () => JSON.stringify(args())],
    () => void read(),
    { immediate: true },
  )
  return { data, error, refresh: () => void read() }
}
