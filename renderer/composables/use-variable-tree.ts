/** Variables as a tree that loads on opening, and stays open over steps: nodes are known by their path of names. */
import type { DebugProtocol } from '@vscode/debugprotocol'
import { computed, ref, shallowRef, watch, type ComputedRef } from 'vue'
import { useSession } from '../debug/session'
import { flatten, type TreeNode, type TreeRow } from '../model/tree'

export interface VariableNode {
  readonly name: string
  readonly value: string
  readonly type?: string | undefined
  /** Reference of the container, for setVariable; 0 for roots. */
  readonly container: number
  readonly reference: number
  readonly memory?: string | undefined
  /** undefined: same as at the stop before, or new. */
  readonly before?: string | undefined
  readonly error?: boolean
}

export interface Root extends Pick<VariableNode, 'name' | 'value' | 'reference'> {
  /** Tells roots of one name (nested blocks) apart. Default: the name. */
  readonly key?: string
  readonly type?: string | undefined
  readonly memory?: string | undefined
  readonly error?: boolean
  /** Children that are known already. */
  readonly variables?: readonly DebugProtocol.Variable[] | undefined
  readonly open?: boolean
}

export interface VariableTree {
  readonly rows: ComputedRef<TreeRow<VariableNode>[]>
  readonly set: (key: string, open: boolean) => void
}

const SEPARATOR = '\u001f'
const keyOf = (root: Root): string => root.key ?? root.name

export function useVariableTree(roots: () => readonly Root[]): VariableTree {
  const session = useSession()
  const expanded = ref(new Set<string>())
  const closed = new Set<string>()
  /** Children by path, of the present stop. */
  const children = shallowRef(new Map<string, readonly DebugProtocol.Variable[]>())
  let before = new Map<string, string>()
  let present = new Map<string, string>()
  let generation = 0

  const fetch = async (path: string, reference: number): Promise<void> => {
    const mine = generation
    const { variables } = await session.request('variables', { variablesReference: reference })
    if (mine !== generation) return
    children.value = new Map(children.value).set(path, variables)
    await descend(path, variables)
  }
  /** What was open before is open again. */
  const descend = async (path: string, variables: readonly DebugProtocol.Variable[]): Promise<void> => {
    const open = variables.filter(
      (variable) => variable.variablesReference > 0 && expanded.value.has(path + SEPARATOR + variable.name),
    )
    await Promise.all(
      open.map((variable) =>
        fetch(path + SEPARATOR + variable.name, variable.variablesReference).catch(() => undefined),
      ),
    )
  }
  const load = (list: readonly Root[]): void => {
    generation += 1
    before = present
    present = new Map()
    for (const root of list) if (root.open && !closed.has(keyOf(root))) expanded.value.add(keyOf(root))
    children.value = new Map(list.flatMap((root) => (root.variables ? [[keyOf(root), root.variables] as const] : [])))
    for (const root of list) {
      if (root.variables) void descend(keyOf(root), root.variables)
      else if (root.reference > 0 && expanded.value.has(root.name))
        void fetch(root.name, root.reference).catch(() => undefined)
    }
  }
  const changed = (path: string, value: string): string | undefined => {
    present.set(path, value)
    const old = before.get(path)
    return old === value ? undefined : old
  }
  const nodes = (path: string, container: number): TreeNode<VariableNode>[] =>
    (children.value.get(path) ?? []).map((variable) => {
      const key = path + SEPARATOR + variable.name
      const reference = variable.variablesReference
      return {
        key,
        value: {
          name: variable.name,
          value: variable.value,
          type: variable.type,
          container,
          reference,
          memory: variable.memoryReference,
          before: changed(key, variable.value),
        },
        ...(reference > 0 ? { children: nodes(key, reference) } : {}),
      }
    })
  const tree = computed(() =>
    roots().map((root) => ({
      key: keyOf(root),
      value: {
        ...root,
        container: 0,
        before: root.reference === 0 || root.value ? changed(keyOf(root), root.value) : undefined,
      },
      ...(root.reference > 0 ? { children: nodes(keyOf(root), root.reference) } : {}),
    })),
  )
  const rows = computed(() => flatten(tree.value, expanded.value))
  const set = (key: string, open: boolean): void => {
    const next = new Set(expanded.value)
    if (open) next.add(key)
    else next.delete(key)
    if (open) closed.delete(key)
    else closed.add(key)
    expanded.value = next
    const row = rows.value.find((candidate) => candidate.key === key)
    if (open && row && !children.value.has(key)) void fetch(key, row.value.reference).catch(() => undefined)
  }
  watch(roots, load, { immediate: true })
  return { rows, set }
}
