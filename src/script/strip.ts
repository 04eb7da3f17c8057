import { createRequire } from 'node:module'
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import { LoadError } from './errors'

interface Failure {
  readonly message: string
  readonly startLine?: number
  readonly startColumn?: number
}
type Answer = { readonly code: string } | { readonly failure: Failure }

/** What the stripping thread runs; it has the stripper's path, a port, and a word that is 1 while an answer waits. */
const SERVICE = `
const { workerData } = require('node:worker_threads')
const { stripper, port, answered } = workerData
const { transformSync } = require(stripper)
port.on('message', ({ source, filename }) => {
  let answer
  try {
    answer = { code: transformSync(source, { mode: 'strip-only', filename }).code }
  } catch (thrown) {
    const { message = String(thrown), startLine, startColumn } = thrown
    answer = { failure: { message, startLine, startColumn } }
  }
  port.postMessage(answer)
  Atomics.store(answered, 0, 1)
  Atomics.notify(answered, 0)
})
`
const PATIENCE_MS = 30_000

interface Service {
  readonly port: MessagePort
  readonly answered: Int32Array
  readonly worker: Worker
}
let service: Service | undefined

/**
 * The stripper is WebAssembly whose memory grows, and growing detaches an array buffer: from then on V8 asks of each typed
 * array in that thread whether it is still there, at every access, which costs the emulator a quarter of its speed. So it
 * has a thread of its own, which lives until this one ends.
 */
function start(): Service {
  const { port1, port2 } = new MessageChannel()
  const answered = new Int32Array(new SharedArrayBuffer(4))
  const stripper = createRequire(import.meta.url).resolve('@swc/wasm-typescript')
  const worker = new Worker(SERVICE, {
    eval: true,
    workerData: { stripper, port: port2, answered },
    transferList: [port2],
    env: {},
    execArgv: [],
  })
  worker.unref()
  port1.unref()
  return { port: port1, answered, worker }
}

function ask(source: string, filename: string): Answer {
  service ??= start()
  const { port, answered } = service
  Atomics.store(answered, 0, 0)
  port.postMessage({ source, filename })
  // A wait may end too early: the notification of the answer before may come after its word was seen and cleared.
  while (Atomics.load(answered, 0) === 0) if (Atomics.wait(answered, 0, 0, PATIENCE_MS) === 'timed-out') break
  const answer = receiveMessageOnPort(port) as { message: Answer } | undefined
  if (answer) return answer.message
  // What it answers after all must not pass for the answer to another text.
  void service.worker.terminate()
  service = undefined
  throw new Error(`the type stripper gave no answer in ${PATIENCE_MS / 1000} s`)
}

/** Replaces types by blanks: the result has the author's lines and columns. Throws LoadError for what is not TypeScript. */
export function stripTypes(source: string, file: string): string {
  const answer = ask(source, file)
  if ('code' in answer) return answer.code
  const { startLine, startColumn } = answer.failure
  const message = answer.failure.message.split('\n')[0]!
  const unsupported = /not supported in (type )?strip/.test(message)
  const column = startColumn === undefined ? undefined : startColumn + 1
  throw new LoadError(unsupported ? 'unsupported-syntax' : 'syntax', message, file, startLine, column)
}
