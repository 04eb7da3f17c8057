import path from 'node:path'
import type { DebugProtocol } from '@vscode/debugprotocol'
import type { DriverSource } from './ports'

/** 'example:' of 'example:01-packet-pool.ts': what the other files of such a driver begin with, too. */
const schemeOf = (uri: string): string => /^\w+:/.exec(uri)?.[0] ?? ''

/** How a driver's files are called by front ends, and back. */
export class Sources {
  readonly driver: DriverSource
  constructor(driver: DriverSource) {
    this.driver = driver
  }

  get files(): string[] {
    return Object.keys(this.driver.files)
  }
  /** `file`: a path relative to the driver's folder, with '/'. */
  source(file: string): DebugProtocol.Source {
    const { uri, folder, entry } = this.driver
    const place = uri === undefined ? path.join(folder, file) : file === entry ? uri : schemeOf(uri) + file
    return { name: file.split('/').at(-1)!, path: place }
  }
  /** The file that a front end means, relative to the driver's folder; the path itself when it is none of the driver's. */
  file(place: string): string {
    const { uri, folder, entry } = this.driver
    if (uri !== undefined) {
      const own = place.startsWith(schemeOf(uri)) ? place.slice(schemeOf(uri).length) : place
      return place === uri ? entry : Object.hasOwn(this.driver.files, own) ? own : place
    }
    const relative = path.relative(folder, place).split(path.sep).join('/')
    return Object.hasOwn(this.driver.files, relative) ? relative : place
  }
  text(file: string): string | undefined {
    return Object.hasOwn(this.driver.files, file) ? this.driver.files[file] : undefined
  }
  lines(file: string): number {
    return (this.text(file) ?? '').split('\n').length
  }
}
