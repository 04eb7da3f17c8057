import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readTrouble, writeTrouble } from '../files/file-trouble'

/**
 * A file that only grows, by whole blocks, and is read at any place. Nothing here throws because of a disk: what went wrong is
 * `problem`, and from then on nothing more is added.
 */
export class CaptureFile {
  /** Where it lies; known when it was first written to. */
  #path: string | undefined
  #folder: string | undefined
  #file: number | undefined
  #closed = false
  /** Bytes. */
  length = 0
  problem: string | undefined

  /** @param file - where it grows; a folder of its own for temporary files when left out */
  constructor(file?: string) {
    this.#path = file
  }

  /** Adds all of it or, and then says so, nothing: after a problem, and once it is closed. */
  append(bytes: Uint8Array): boolean {
    if (this.problem !== undefined || this.#closed) return false
    try {
      const file = this.#open()
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
      this.length += bytes.length
      return true
    } catch (error) {
      this.problem = `The capture ends early, the run does not: ${writeTrouble(error)}, then run again. File: ${this.#path ?? tmpdir()}`
      this.#cut()
      return false
    }
  }
  #open(): number {
    if (this.#file !== undefined) return this.#file
    if (this.#path === undefined) {
      this.#folder = mkdtempSync(path.join(tmpdir(), 'ndis-workbench-'))
      this.#path = path.join(this.#folder, 'capture.pcapng')
    }
    this.#file = openSync(this.#path, 'w+')
    return this.#file
  }
  /** Half a block would make the whole file damaged. */
  #cut(): void {
    try {
      if (this.#file !== undefined && fstatSync(this.#file).isFile()) ftruncateSync(this.#file, this.length)
    } catch {
      // The reader of a capture says where it was cut off.
    }
  }

  /** Bytes `from` to `to`, as far as they can be read. */
  read(from: number, to: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(to, this.length) - from))
    if (this.#file === undefined) return bytes.subarray(0, 0)
    let done = 0
    try {
      while (done < bytes.length) {
        const more = readSync(this.#file, bytes, done, bytes.length - done, from + done)
        if (more === 0) break
        done += more
      }
    } catch (error) {
      this.problem ??= `The capture cannot be read: ${readTrouble(error)}.`
    }
    return bytes.subarray(0, done)
  }

  /** Ends it under another name, in the same folder. A device keeps its own. */
  keepAs(file: string): void {
    if (this.#file === undefined || this.#path === undefined) return
    this.#closed = true
    const open = this.#file
    this.#file = undefined
    try {
      // The name must not be there before the bytes are, whatever happens to the machine.
      if (file !== this.#path) fsyncSync(open)
      closeSync(open)
      if (file !== this.#path) renameSync(this.#path, file)
    } catch (error) {
      this.problem ??= `The capture stays in ${this.#path}: ${writeTrouble(error)}.`
    }
  }

  /** Takes a temporary file away; any other stays. */
  close(): void {
    this.#closed = true
    if (this.#file !== undefined) closeSync(this.#file)
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#file = undefined
    this.#folder = undefined
  }
}
