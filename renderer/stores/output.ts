/** DbgPrint lines, notices of the adapter and the debug console, the last 100,000 of them. */
import type { DebugProtocol } from '@vscode/debugprotocol'
import { defineStore } from 'pinia'
import { markRaw, ref } from 'vue'
import type { DapClient } from '../debug/dap-client'
import { LineBuffer } from '../model/line-buffer'

export type LineKind = 'stdout' | 'stderr' | 'console' | 'important' | 'input' | 'result' | 'error'

export interface OutputLine {
  readonly id: number
  readonly kind: LineKind
  readonly text: string
  readonly place?: { readonly path: string; readonly line: number }
  /** Children of an evaluated value, while the session stands where it stood. */
  readonly variables?: number
}

export const OUTPUT_LIMIT = 100_000
const KINDS: readonly string[] = ['stdout', 'stderr', 'console', 'important'] satisfies LineKind[]
const kindOf = (category: string | undefined): LineKind =>
  KINDS.includes(category ?? '') ? (category as LineKind) : 'console'

const frame = globalThis.requestAnimationFrame ?? ((run: () => void) => setTimeout(run, 16))

export const useOutput = defineStore('output', () => {
  // Raw: its private fields cannot be reached through a reactive proxy.
  const buffer = markRaw(new LineBuffer<OutputLine>(OUTPUT_LIMIT))
  /** Changes at most once a display frame, however much is printed. */
  const version = ref(0)
  let nextId = 1
  let scheduled = false

  const changed = (): void => {
    if (scheduled) return
    scheduled = true
    frame(() => {
      scheduled = false
      version.value += 1
    })
  }
  const add = (kind: LineKind, text: string, rest: Pick<OutputLine, 'place' | 'variables'> = {}): void => {
    buffer.push({ id: nextId++, kind, text, ...rest })
    changed()
  }
  const receive = (body: DebugProtocol.OutputEvent['body']): void => {
    if (body.category === 'telemetry') return
    const parts = body.output.split(/\r?\n/)
    if (parts.at(-1) === '') parts.pop()
    const place = body.source?.path && body.line ? { place: { path: body.source.path, line: body.line } } : {}
    for (const text of parts) add(kindOf(body.category), text, place)
  }
  const wire = (client: DapClient): void => void client.on('output', receive)
  const clear = (): void => {
    buffer.clear()
    changed()
  }
  return { buffer, version, add, clear, wire }
})
