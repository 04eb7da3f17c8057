/** Wireshark's tools, and captures as they and as we see them. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { findWireshark, howToGetWireshark, type TOOLS } from '../../scripts/wireshark.mjs'
import { readCapture } from '../../src/core/wire/formats/capture-read'

type Tool = (typeof TOOLS)[number]

let folder = ''
/** A folder of the suite's own for files. Call it once in a spec file. */
export function useFolder(): void {
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'captures-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
}
export const inFolder = (name: string): string => path.join(folder, name)
export function save(name: string, bytes: Uint8Array | string): string {
  writeFileSync(inFolder(name), bytes)
  return inFolder(name)
}

/** Said by every tool to root, which is who runs the tests in a container. */
const TO_ROOT = /^Running as user "root" and group "root"\. This could be dangerous\.\n/

function toolPath(tool: Tool): string {
  const found = findWireshark()
  if (!found) throw new Error(howToGetWireshark())
  return path.join(found, tool)
}
/** Runs a tool without anybody's settings; what it says on standard error counts as a warning. */
export function run(tool: Tool, ...args: readonly string[]): { out: string; warnings: string; code: number | null } {
  const done = spawnSync(toolPath(tool), args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    timeout: 50_000,
    env: { HOME: folder, PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  })
  if (done.error) throw done.error
  return { out: done.stdout, warnings: done.stderr.replace(TO_ROOT, ''), code: done.status }
}
/** The same for what must go well. */
export function runWell(tool: Tool, ...args: readonly string[]): string {
  const { out, warnings, code } = run(tool, ...args)
  expect({ tool, args, code, warnings }).toEqual({ tool, args, code: 0, warnings: '' })
  return out
}

/** What both sides say of a frame. */
export interface SeenFrame {
  readonly interface: number
  /** Nanoseconds. */
  readonly timeNs: bigint | undefined
  readonly length: number
  /** Hexadecimal. */
  readonly bytes: string
  readonly direction: 'in' | 'out' | undefined
  readonly comment: string
}

interface EkFrame {
  readonly layers: {
    /** Absent for a frame without a byte. */
    readonly frame_raw?: string
    readonly frame: Readonly<Record<string, string | undefined>>
    readonly pkt_comment?:
      { readonly frame_frame_comment: string | readonly string[] } | readonly { readonly frame_frame_comment: string }[]
  }
}
const DIRECTIONS: Readonly<Record<number, 'in' | 'out'>> = { 1: 'in', 2: 'out' }

function nanoseconds(seconds: string): bigint {
  const [whole = '', fraction = ''] = seconds.replace('-', '').split('.')
  const ns = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9))
  return seconds.startsWith('-') ? -ns : ns
}
function commentOf({ pkt_comment: comment }: EkFrame['layers']): string {
  if (!comment) return ''
  const each =
    'frame_frame_comment' in comment ? [comment.frame_frame_comment] : comment.map((one) => one.frame_frame_comment)
  return each.flat().join('\n')
}

/** The frames of a file as tshark sees them, which must not complain. */
export function seenByTshark(file: string): SeenFrame[] {
  const lines = runWell('tshark', '-r', file, '-n', '-T', 'ek', '-x', '-J', 'frame pkt_comment').split('\n')
  const frames = lines
    .filter((line) => line.startsWith('{"timestamp"'))
    .map((line) => (JSON.parse(line) as EkFrame).layers)
  return frames.map((layers) => {
    const field = (name: string): string | undefined => layers.frame[`frame_frame_${name}`]
    const time = field('time_epoch')
    return {
      interface: Number(field('interface_id') ?? 0),
      timeNs: time === undefined ? undefined : nanoseconds(time),
      length: Number(field('len')),
      bytes: layers.frame_raw ?? '',
      direction: DIRECTIONS[Number(field('packet_flags_direction') ?? 0)],
      comment: commentOf(layers),
    }
  })
}

/** The frames of a file as we see them; nothing may be wrong with it. */
export function seenHere(file: string): SeenFrame[] {
  const { frames, problem } = readCapture(readFileSync(file))
  expect({ file, problem }).toEqual({ file, problem: undefined })
  return frames.map(({ offset: _offset, bytes, ...frame }) => ({ ...frame, bytes: Buffer.from(bytes).toString('hex') }))
}

/** What `capinfos` says, by the name in front of each line; of names that come twice, the first. */
export function capinfos(file: string): Map<string, string> {
  const rows = runWell('capinfos', '-M', file)
    .split('\n')
    .flatMap((line) => /^\s*([^:=]+?)\s*[:=] (.*)$/.exec(line) ?? [])
  const facts = new Map<string, string>()
  for (let i = 0; i + 2 < rows.length + 1; i += 3)
    if (!facts.has(rows[i + 1]!)) facts.set(rows[i + 1]!, rows[i + 2]!.trim())
  return facts
}
