import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

export interface MenuItem {
  readonly label: string
  readonly key?: string
  readonly icon?: string
  readonly disabled?: boolean
  readonly run: () => unknown
}
export type MenuEntry = MenuItem | 'separator'

/** One context menu for the whole window, at the pointer. */
export const useContextMenu = defineStore('context-menu', () => {
  const open = shallowRef<{ readonly x: number; readonly y: number; readonly entries: readonly MenuEntry[] }>()
  const show = (event: { readonly clientX: number; readonly clientY: number }, entries: readonly MenuEntry[]): void => {
    open.value = { x: event.clientX, y: event.clientY, entries }
  }
  const close = (): void => {
    open.value = undefined
  }
  return { open, show, close }
})
