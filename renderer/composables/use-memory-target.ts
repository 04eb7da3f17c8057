/** Where a memory view looks: the address box, its history, and the structure laid over the bytes. */
import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'
import { messageOf } from '../bridge/rpc-error'
import { useSession } from '../debug/session'
import { address as format, parseAddress } from '../model/format'
import { useMemoryViews, type MemoryTarget } from '../stores/memory-views'

export interface MemoryTargetState {
  readonly target: Ref<MemoryTarget | undefined>
  readonly text: Ref<string>
  readonly problem: Ref<string>
  readonly go: () => Promise<void>
  readonly back: () => void
  readonly forward: () => void
  readonly canGoBack: ComputedRef<boolean>
  readonly canGoForward: ComputedRef<boolean>
}

const NUMBER = /0x[0-9a-f]{1,8}\b/i

export function useMemoryTarget(view: string): MemoryTargetState {
  const session = useSession()
  const views = useMemoryViews()
  const target = ref<MemoryTarget>()
  const text = ref('')
  const problem = ref('')
  const history = ref<MemoryTarget[]>([])
  const position = ref(-1)

  const show = (next: MemoryTarget): void => {
    target.value = next
    text.value = format(next.address)
    problem.value = ''
  }
  const visit = (next: MemoryTarget): void => {
    const here = history.value[position.value]
    if (here?.address !== next.address || here.struct !== next.struct) {
      history.value = [...history.value.slice(0, position.value + 1), next]
      position.value = history.value.length - 1
    }
    show(next)
  }
  /** An address as written, or an expression of the driver that gives one. */
  const resolve = async (expression: string): Promise<number> => {
    const written = parseAddress(expression)
    if (written !== undefined) return written
    const frame = session.frame
    if (!frame)
      throw new Error('Write an address such as 0x80001A40. Expressions can be used while the driver is stopped.')
    const value = await session.request('evaluate', { expression, frameId: frame.id, context: 'watch' })
    const result =
      parseAddress(value.memoryReference ?? '') ??
      parseAddress(NUMBER.exec(value.result)?.[0] ?? '') ??
      (/^\d+$/.test(value.result) ? Number(value.result) : undefined)
    if (result === undefined) throw new Error(`${expression} is ${value.result}, which is no address.`)
    return result
  }
  const go = async (): Promise<void> => {
    try {
      visit({ address: await resolve(text.value) })
    } catch (error) {
      problem.value = messageOf(error)
    }
  }
  const step = (by: number): void => {
    const next = history.value[position.value + by]
    if (!next) return
    position.value += by
    show(next)
  }
  watch(
    () => views.targets.get(view)?.asked,
    () => {
      const asked = views.targets.get(view)
      if (asked) visit({ address: asked.address, struct: asked.struct })
    },
    { immediate: true },
  )
  return {
    target,
    text,
    problem,
    go,
    back: () => step(-1),
    forward: () => step(1),
    canGoBack: computed(() => position.value > 0),
    canGoForward: computed(() => position.value < history.value.length - 1),
  }
}
