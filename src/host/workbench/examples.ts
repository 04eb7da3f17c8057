import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { ExampleEntry } from '../../shared/rpc'
import { readTextFile } from '../files/text-file'
import { RpcError } from '../rpc-error'

/** Begins the title of an example that breaks a rule on purpose. */
const FAULTY = /^BUG:\s*/

/** What a folder must hold to be an example; else it has the parts of others. */
const ENTRY = 'driver.ts'
/** Scripts that are examples by themselves: those of the folder, and the faulty drivers with the mended ones. */
const SCRIPT = /^(?:bugs\/)?[^/]+(?<!\.d)\.ts$/
/** Sorts a mended driver behind the faulty one. */
const sortKey = (id: string): string => id.replace(/\.ts$/, '')

/** The driver scripts that ship with the product; told about by their own leading comment. */
export class Examples {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async list(): Promise<readonly ExampleEntry[]> {
    const ids = (await this.#files())
      .flatMap((file) => {
        if (SCRIPT.test(file)) return [file]
        const [folder, name, ...deeper] = file.split('/')
        return name === ENTRY && deeper.length === 0 ? [folder!] : []
      })
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
    return Promise.all(ids.map(async (id) => ({ id, ...describeExample(id, await this.text(id)) })))
  }

  /** @param id one of the list, or a file that one of them imports. @throws RpcError 'not-found' for any other. */
  async text(id: string): Promise<string> {
    const files = await this.#files()
    const file = files.find((name) => name === id || name === `${id}/${ENTRY}`)
    if (file === undefined) throw new RpcError('not-found', `There is no example '${id}'.`)
    return (await readTextFile(path.join(this.#folder, file))).text
  }

  /** All files by their paths below the folder, with '/'. */
  async #files(): Promise<string[]> {
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.relative(this.#folder, path.join(parentPath, name)).replaceAll('\\', '/'))
  }
}

/**
 * Title and description of an example: first line and rest of the comment it begins with.
 *
 * @param id serves as title where there is no comment.
 */
export function describeExample(id: string, text: string): Omit<ExampleEntry, 'id'> {
  const [title = id, ...rest] = leadingComment(text)
  const plain = title.replace(FAULTY, '').replace(/\.$/, '')
  return {
    title: plain.charAt(0).toUpperCase() + plain.slice(1),
    description: rest.join(' ').replace(/\s+/g, ' ').trim(),
    faulty: FAULTY.test(title),
  }
}

function leadingComment(text: string): string[] {
  const block = /^\uFEFF?\s*\/\*\*?([\s\S]*?)\*\//.exec(text)?.[1]
  const lines = /^\uFEFF?\s*((?:\/\/[^\n]*\n?)+)/.exec(text)?.[1]
  return (block ?? lines ?? '')
    .split('\n')
    .map((line) => line.trim().replace(/^(\*+|\/\/+)\s?/, ''))
    .filter((line, at, all) => line !== '' || all.slice(0, at).some((earlier) => earlier !== ''))
    .filter((line, at) => line !== '' || at > 0)
}
