/** Short messages: toasts for the eye, a live region for the ear. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { messageOf } from '../bridge/rpc-error'

export interface NoticeAction {
  readonly label: string
  readonly run: () => unknown
}

export interface Notice {
  readonly id: number
  readonly kind: 'info' | 'trouble'
  readonly text: string
  readonly actions: readonly NoticeAction[]
}

const SHOW_MS = 8000

export const useNotices = defineStore('notices', () => {
  const list = ref<Notice[]>([])
  /** Read out by screen readers as soon as it changes. */
  const spoken = ref('')
  let nextId = 1

  const dismiss = (id: number): void => {
    list.value = list.value.filter((notice) => notice.id !== id)
  }
  /** Notices with a choice stay until it is made. The same text is not shown twice. */
  const show = (kind: Notice['kind'], text: string, actions: readonly NoticeAction[] = []): number => {
    const known = list.value.find((notice) => notice.text === text)
    if (known) return known.id
    const id = nextId++
    list.value = [...list.value, { id, kind, text, actions }]
    if (!actions.length) setTimeout(() => dismiss(id), SHOW_MS)
    return id
  }
  const announce = (text: string): void => {
    spoken.value = text
  }
  return {
    list,
    spoken,
    dismiss,
    announce,
    info: (text: string, actions?: readonly NoticeAction[]) => show('info', text, actions),
    trouble: (text: string, actions?: readonly NoticeAction[]) => show('trouble', text, actions),
    /** For `.catch`: shows what went wrong in the words of whoever refused. */
    failed: (error: unknown) => void show('trouble', messageOf(error)),
  }
})
