/** The event that somebody wants to see in the event log. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { useDock } from '../dock/dock'

export const useEventTarget = defineStore('event-target', () => {
  /** A new object for each wish, so that the same event can be asked for again. */
  const wanted = shallowRef<{ readonly index: number }>()
  const show = (index: number): void => {
    useDock().show('events')
    wanted.value = { index }
  }
  return { wanted, show }
})
