/** Files of a folder as a tree: folders first, each level by name. */
import type { FileEntry } from '../../src/shared/rpc'
import type { TreeNode } from './tree'

export interface FileNode {
  readonly name: string
  /** Relative to the root. */
  readonly path: string
  readonly folder: boolean
}

interface Draft {
  readonly value: FileNode
  readonly children: Map<string, Draft>
}

const byKindAndName = (left: Draft, right: Draft): number =>
  Number(right.value.folder) - Number(left.value.folder) ||
  left.value.name.localeCompare(right.value.name, 'en', { numeric: true })

const finish = (level: Map<string, Draft>): TreeNode<FileNode>[] =>
  [...level.values()].sort(byKindAndName).map(({ value, children }) => ({
    key: value.path,
    value,
    ...(value.folder ? { children: finish(children) } : {}),
  }))

export function fileTree(files: readonly FileEntry[]): TreeNode<FileNode>[] {
  const root = new Map<string, Draft>()
  for (const { path, kind } of files) {
    const parts = path.split('/').filter(Boolean)
    let level = root
    parts.forEach((name, index) => {
      const last = index === parts.length - 1
      const known = level.get(name)
      const draft = known ?? {
        value: { name, path: parts.slice(0, index + 1).join('/'), folder: !last || kind === 'folder' },
        children: new Map<string, Draft>(),
      }
      level.set(name, draft)
      level = draft.children
    })
  }
  return finish(root)
}
