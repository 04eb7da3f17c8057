import { defineStore } from 'pinia'
import { ref } from 'vue'

/** What lies over the window. */
export const useShell = defineStore('shell', () => ({ palette: ref(false), shortcuts: ref(false) }))
