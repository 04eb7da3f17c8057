import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { RunChoice } from '../../src/shared/run-config'
import { useSession } from '../debug/session'
import { useDocuments } from './documents'

/** What a run has that the run configuration does not: the fault, or the schedule, of a row of trials. */
export interface SpecialRun {
  readonly choice: RunChoice
  /** As options of the command line. */
  readonly words: string
}

/** The texts that run, to tell when the editor shows something else. */
export const useLaunched = defineStore('launched', () => {
  const session = useSession()
  const documents = useDocuments()
  const texts = shallowRef<ReadonlyMap<string, string>>(new Map())
  const special = shallowRef<SpecialRun>()
  const active = computed(() => session.phase === 'running' || session.phase === 'stopped')
  const isEdited = (uri: string): boolean => {
    const text = texts.value.get(uri)
    return text !== undefined && documents.open.has(uri) && documents.open.get(uri)?.text !== text
  }
  /** Lines of the run are lines of the document while the text is the one that runs. */
  const hasLine = (uri: string, line: number): boolean =>
    !isEdited(uri) && line <= (texts.value.get(uri) ?? '').split('\n').length
  const changed = computed(() => active.value && [...texts.value.keys()].some(isEdited))
  return { texts, special, changed, hasLine }
})
