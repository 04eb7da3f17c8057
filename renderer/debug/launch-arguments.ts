/** What is sent with a launch: the program, and every text that differs from what the host would read. */
import type { LaunchArguments } from '../../src/shared/dap'
import { DEFAULT_CHOICE, type RunChoice } from '../../src/shared/run-config'
import { debugPath } from './sources'

export interface LaunchDocument {
  readonly uri: string
  readonly name: string
  readonly text: string
  readonly dirty: boolean
}

const folderOf = (uri: string): string => uri.replace(/[^\\/]*$/, '')
const isExample = (uri: string): boolean => uri.startsWith('example:')
const isFile = (uri: string): boolean => !/^(example|untitled):/.test(uri)

/** Path of a document relative to the folder of the driver; undefined when it lies elsewhere. */
export function relativeTo(program: string, document: Pick<LaunchDocument, 'uri' | 'name'>): string | undefined {
  // Examples may import one another, and parts that lie in a folder; they may lie in a folder themselves.
  if (isExample(program) && isExample(document.uri)) return document.uri.slice('example:'.length)
  if (document.uri === program) return isFile(program) ? document.uri.slice(folderOf(program).length) : document.name
  const folder = folderOf(program)
  return isFile(program) && isFile(document.uri) && document.uri.startsWith(folder)
    ? document.uri.slice(folder.length).replaceAll('\\', '/')
    : undefined
}

export function launchArguments(
  program: string,
  documents: readonly LaunchDocument[],
  config: RunChoice,
): LaunchArguments {
  const overlays = documents
    .filter((document) => document.dirty || document.uri === program)
    .flatMap((document) => {
      const path = relativeTo(program, document)
      return path === undefined ? [] : [[path, document.text] as const]
    })
  return {
    program: debugPath(program),
    overlays: Object.fromEntries(overlays),
    config: { ...DEFAULT_CHOICE, ...config },
  }
}
