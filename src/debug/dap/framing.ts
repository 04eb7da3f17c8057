/** The wire form of the Debug Adapter Protocol: header lines, an empty line, then JSON of the announced length in UTF-8. */
import type { DebugProtocol } from '@vscode/debugprotocol'

/** Bytes. No client sends more in one message; a header beyond this is not DAP, or sent in bad faith. */
export const MOST_BYTES = 64 * 1024 * 1024
const MOST_HEADER_BYTES = 4096
const HEADER_END = Buffer.from('\r\n\r\n')
const NOTHING = Buffer.alloc(0)

/** The stream is not DAP: nothing after this can be understood, so the connection has to end. */
export class FramingError extends Error {}

export function encodeMessage(message: DebugProtocol.ProtocolMessage): Buffer {
  const body = Buffer.from(JSON.stringify(message), 'utf8')
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`, 'ascii'), body])
}

/** Cuts a byte stream into messages, however its chunks fall. */
export class MessageReader {
  #chunks: Buffer[] = []
  #bytes = 0
  /** Bytes of the body that is being awaited; undefined in front of a header. */
  #awaited: number | undefined

  /**
   * Takes the next bytes and gives the messages that they complete.
   * @throws FramingError when this is no DAP; the reader is of no use afterwards.
   */
  push(chunk: Uint8Array): unknown[] {
    this.#chunks.push(Buffer.from(chunk))
    this.#bytes += chunk.length
    const messages: unknown[] = []
    for (;;) {
      if (this.#awaited === undefined && !this.#readHeader()) return messages
      if (this.#awaited === undefined || this.#bytes < this.#awaited) return messages
      messages.push(parseBody(this.#take(this.#awaited)))
      this.#awaited = undefined
    }
  }

  /** Joined only when something can be read from them, so that a long body in small chunks is copied once. */
  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] ?? NOTHING
  }
  #take(length: number): Buffer {
    const all = this.#joined()
    this.#chunks = length < all.length ? [all.subarray(length)] : []
    this.#bytes -= length
    return all.subarray(0, length)
  }
  #readHeader(): boolean {
    const end = this.#joined().indexOf(HEADER_END)
    if (end < 0) {
      if (this.#bytes > MOST_HEADER_BYTES) throw new FramingError(`no header within ${MOST_HEADER_BYTES} bytes`)
      return false
    }
    this.#awaited = contentLength(this.#take(end + HEADER_END.length).toString('latin1'))
    return true
  }
}

function contentLength(header: string): number {
  const match = /^content-length:[ \t]*(\d{1,10})[ \t]*$/im.exec(header.replaceAll('\r', ''))
  if (!match) throw new FramingError('a message has no Content-Length header')
  const length = Number(match[1])
  if (length > MOST_BYTES)
    throw new FramingError(`a message of ${length} bytes is announced; at most ${MOST_BYTES} are taken`)
  return length
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    throw new FramingError('the body of a message is not JSON')
  }
}
