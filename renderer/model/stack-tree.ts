/** The call stack of every context as one tree: CPUs, what each runs, its frames. */
import type { DebugProtocol } from '@vscode/debugprotocol'
import type { CpuView } from '../../src/shared/views'
import { irqlName } from './format'
import type { TreeNode } from './tree'

export interface StackThread {
  readonly id: number
  readonly name: string
  readonly frames: readonly DebugProtocol.StackFrame[]
}

export type StackNode =
  | { readonly kind: 'cpu'; readonly title: string; readonly notes: string; readonly idle: boolean }
  | { readonly kind: 'thread'; readonly title: string; readonly notes: string }
  | { readonly kind: 'frame'; readonly frame: DebugProtocol.StackFrame; readonly threadId: number }

type Node = TreeNode<StackNode>

const CPU_NAME = /^CPU\s*(\d+)\s*[:,]?\s*/i

const cpuOf = (thread: StackThread): number => Number(CPU_NAME.exec(thread.name)?.[1] ?? 0)

const frameNode = (threadId: number, frame: DebugProtocol.StackFrame): Node => ({
  key: `frame${threadId}/${frame.id}`,
  value: { kind: 'frame', frame, threadId },
})

/** A thread that is the CPU itself needs no row of its own. */
function threadNodes(thread: StackThread): Node[] {
  const title = thread.name.replace(CPU_NAME, '')
  const frames = thread.frames.map((frame) => frameNode(thread.id, frame))
  return title ? [{ key: `thread${thread.id}`, value: { kind: 'thread', title, notes: '' }, children: frames }] : frames
}

const plural = (count: number, noun: string): string => (count ? `${count} ${noun}${count > 1 ? 's' : ''}` : '')

const cpuNotes = (cpu: CpuView): string =>
  [
    irqlName(cpu.irql),
    plural(cpu.locksHeld, 'lock') && `${plural(cpu.locksHeld, 'lock')} held`,
    plural(cpu.dpcsQueued, 'DPC') && `${plural(cpu.dpcsQueued, 'DPC')} queued`,
    plural(cpu.interruptsPending, 'interrupt') && `${plural(cpu.interruptsPending, 'interrupt')} pending`,
  ]
    .filter(Boolean)
    .join(', ')

export function stackTree(cpus: readonly CpuView[], threads: readonly StackThread[]): Node[] {
  if (!cpus.length) return threads.flatMap(threadNodes)
  return cpus.map((cpu) => {
    const mine = threads.filter((thread) => cpuOf(thread) === cpu.cpu)
    const idle = cpu.activations.length === 0 && mine.every((thread) => thread.frames.length === 0)
    return {
      key: `cpu${cpu.cpu}`,
      value: { kind: 'cpu', title: `CPU ${cpu.cpu}`, notes: `${cpuNotes(cpu)}${idle ? ', idle' : ''}`, idle },
      ...(idle ? {} : { children: mine.flatMap(threadNodes) }),
    }
  })
}

/** Everything is open at a stop; a person may close what is in the way. */
export const allKeys = (nodes: readonly Node[]): string[] =>
  nodes.flatMap((node) => (node.children ? [node.key, ...allKeys(node.children)] : []))
