/** Watch expressions, kept over restarts, evaluated in the selected frame at every stop. */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { messageOf } from '../bridge/rpc-error'
import type { Root } from '../composables/use-variable-tree'
import { useSession } from '../debug/session'
import { isString, listOf, remembered } from './ui-state'

export const useWatches = defineStore('watches', () => {
  const session = useSession()
  const expressions = remembered<string[]>('watches', [], listOf(isString))
  const results = shallowRef<readonly Root[]>([])
  let generation = 0

  const evaluate = async (expression: string, frameId: number): Promise<Root> => {
    try {
      const body = await session.request('evaluate', { expression, frameId, context: 'watch' })
      return {
        name: expression,
        value: body.result,
        type: body.type,
        reference: body.variablesReference,
        memory: body.memoryReference,
      }
    } catch (error) {
      return { name: expression, value: messageOf(error), reference: 0, error: true }
    }
  }
  const refresh = async (): Promise<void> => {
    const mine = ++generation
    const frame = session.frame
    const list = frame
      ? await Promise.all(expressions.value.map((expression) => evaluate(expression, frame.id)))
      : expressions.value.map((expression) => ({ name: expression, value: '', reference: 0 }))
    if (mine === generation) results.value = list
  }
  watch([() => session.frame, () => session.epoch, expressions], () => void refresh(), { immediate: true })

  const add = (expression: string): void => {
    const text = expression.trim()
    if (text && !expressions.value.includes(text)) expressions.value = [...expressions.value, text]
  }
  const remove = (expression: string): void => {
    expressions.value = expressions.value.filter((entry) => entry !== expression)
  }
  const replace = (old: string, expression: string): void => {
    const text = expression.trim()
    if (!text) return remove(old)
    expressions.value = [...new Set(expressions.value.map((entry) => (entry === old ? text : entry)))]
  }
  return { expressions, results, add, remove, replace }
})
