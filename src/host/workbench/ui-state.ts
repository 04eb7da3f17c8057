import { readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { UiState } from '../../shared/rpc'
import { writeAtomic } from '../files/atomic-write'
import { Serial } from '../files/serial'
import { fileError, RpcError } from '../rpc-error'

/** Characters of JSON: layouts, breakpoints and open tabs are some tens of thousands. */
const MAX_STATE = 4 * 1024 * 1024
const stateSchema = z.record(z.string(), z.unknown())

/** What the front end remembers between starts, as one JSON file that is replaced whole. */
export class UiStateFile {
  readonly #file: string
  readonly #serial = new Serial()

  constructor(settings: string) {
    this.#file = path.join(settings, 'state.json')
  }

  /** Empty at the first start; a damaged file is put aside and counts as none. */
  async load(): Promise<UiState> {
    return this.#serial.run(this.#file, async () => {
      const text = await readFile(this.#file, 'utf8').catch(() => undefined)
      if (text === undefined) return {}
      try {
        return stateSchema.parse(JSON.parse(text))
      } catch {
        await rename(this.#file, `${this.#file}.damaged`).catch(() => undefined)
        return {}
      }
    })
  }

  /** @throws RpcError 'refused' when it is too large, 'disk' when it cannot be written. */
  async save(state: UiState): Promise<void> {
    const text = JSON.stringify(state)
    if (text.length > MAX_STATE)
      throw new RpcError('refused', `The state of the page is larger than ${MAX_STATE} characters.`)
    await this.#serial.run(this.#file, () =>
      writeAtomic(this.#file, text).catch((error: unknown) => {
        throw fileError(error, 'The state of the workbench cannot be saved')
      }),
    )
  }
}
