import { defineStore } from 'pinia'
import { ref } from 'vue'
import { host } from '../bridge/host'
import { useSession } from '../debug/session'
import { useDocuments } from './documents'
import { useNotices } from './notices'

/** Whether the host can be reached; in Electron it always can. */
export const useConnection = defineStore('connection', () => {
  const lost = ref(false)
  let everOpen = false

  const follow = (): (() => void) =>
    host().onConnection((state) => {
      lost.value = state === 'lost'
      if (state === 'lost' && everOpen) void useSession().closeClient()
      if (state !== 'open') return
      // The debug session lived in the connection that was lost; texts are sent again.
      if (everOpen) {
        useNotices().info('Connected to the host again. A run that was going on has ended.')
        useSession().phase = 'idle'
        void useDocuments().backUpAll()
      }
      everOpen = true
    })
  return { lost, follow }
})
