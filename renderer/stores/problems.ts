import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { useSession } from '../debug/session'
import { openProblems, problemsOf, type ProblemSources, type TypeProblem } from '../model/problems'

export const useProblems = defineStore('problems', () => {
  const session = useSession()
  /** Written by the editor as its language service finds them. */
  const types = shallowRef<readonly TypeProblem[]>([])
  const sources = computed((): ProblemSources => {
    const { report } = session
    return {
      types: types.value,
      // The report repeats what was told while running, complete and in order.
      violations: report?.violations ?? session.violations,
      bugcheck: report?.bugcheck ?? session.bugcheck,
      leaks: report?.leaks ?? [],
      // That a person stopped it is nothing wrong.
      error: report?.error?.code === 'stopped' ? undefined : report?.error,
      notes: report?.notes ?? [],
    }
  })
  const all = computed(() => problemsOf(sources.value))
  /** Accepted ones are not counted. */
  const count = computed(() => openProblems(all.value))
  return { types, all, count }
})
