/** Scopes of the selected frame, and the variables of the innermost ones: for the panel, inline values and hovers. */
import type { DebugProtocol } from '@vscode/debugprotocol'
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { useSession } from '../debug/session'

export interface ScopeVariables {
  readonly scope: DebugProtocol.Scope
  /** undefined for scopes that are read when opened. */
  readonly variables: readonly DebugProtocol.Variable[] | undefined
}

export const useLocals = defineStore('locals', () => {
  const session = useSession()
  const scopes = shallowRef<readonly ScopeVariables[]>([])
  const values = shallowRef<readonly DebugProtocol.Variable[]>([])
  let read = 0

  const readScope = async (scope: DebugProtocol.Scope): Promise<ScopeVariables> => {
    if (scope.expensive) return { scope, variables: undefined }
    const { variables } = await session.request('variables', { variablesReference: scope.variablesReference })
    return { scope, variables }
  }
  const load = async (frameId: number): Promise<void> => {
    const mine = ++read
    const { scopes: list } = await session.request('scopes', { frameId })
    const filled = await Promise.all(list.map(readScope))
    if (mine !== read) return
    scopes.value = filled
    // Inner scopes come first and shadow outer ones of the same name.
    values.value = filled
      .flatMap((entry) => entry.variables ?? [])
      .filter((variable, index, all) => all.findIndex(({ name }) => name === variable.name) === index)
  }
  const clear = (): void => {
    read += 1
    scopes.value = []
    values.value = []
  }
  watch(
    () => [session.frame, session.epoch] as const,
    ([frame]) => (frame ? void load(frame.id).catch(clear) : clear()),
    { immediate: true },
  )
  return { scopes, values }
})
