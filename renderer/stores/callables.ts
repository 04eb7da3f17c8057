/** What call breakpoints can name: from the session while there is one, else from the tables of the product. */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { useSession } from '../debug/session'
import type { CallChoice } from '../model/call-search'
import { useAppData } from './app-data'

/** Families that people ask for as a whole. */
const PATTERNS: readonly CallChoice[] = [
  { name: 'category:allocate', category: 'all of a kind', summary: 'Every call that allocates', implemented: true },
  { name: 'category:free', category: 'all of a kind', summary: 'Every call that frees', implemented: true },
  { name: 'category:lock', category: 'all of a kind', summary: 'Every call that acquires a lock', implemented: true },
  { name: 'category:unlock', category: 'all of a kind', summary: 'Every call that releases a lock', implemented: true },
  { name: 'NdisAllocate*', category: 'by name', summary: 'Every function whose name begins so', implemented: true },
  { name: 'NdisFree*', category: 'by name', summary: 'Every function whose name begins so', implemented: true },
]

export const useCallables = defineStore('callables', () => {
  const session = useSession()
  const data = useAppData()
  const live = shallowRef<readonly CallChoice[]>()

  watch(
    () => session.client,
    () => (live.value = undefined),
  )
  watch(
    () => session.phase,
    (phase) => {
      if (live.value || (phase !== 'running' && phase !== 'stopped')) return
      session.request('ndis/functions', {}).then(
        ({ functions }) => (live.value = functions),
        () => undefined,
      )
    },
  )
  const functions = computed((): readonly CallChoice[] => live.value ?? data.functions)
  const categories = computed(() =>
    [...new Set(functions.value.map((entry) => entry.category))]
      .filter((category) => !PATTERNS.some((pattern) => pattern.name === `category:${category}`))
      .map((category): CallChoice => ({
        name: `category:${category}`,
        category: 'all of a kind',
        summary: `Every call of the kind '${category}'`,
        implemented: true,
      })),
  )
  const choices = computed(() => [...PATTERNS, ...categories.value, ...functions.value])
  return { choices }
})
