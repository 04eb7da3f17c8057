/** A front end for the specs: speaks the Debug Adapter Protocol to a real adapter over a real engine worker. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { DebugProtocol } from '@vscode/debugprotocol'
import { findProduct } from '../../src/host/product'
import { createDebugAdapter } from '../../src/host/session/adapter-factory'
import type { LaunchArguments } from '../../src/shared/dap'
import type { RunReport } from '../../src/shared/report'

/** Milliseconds; what takes longer than this does not happen. */
const PATIENCE_MS = 10_000

type Message = DebugProtocol.ProtocolMessage & Record<string, unknown>
export type Body = Record<string, unknown>

export interface Frame {
  readonly id: number
  readonly name: string
  readonly line: number
  readonly column: number
  readonly source?: DebugProtocol.Source
}

/** URI of the driver of most specs: a document without a file. */
export const DRIVER = 'untitled:1'

export class DapSession {
  readonly messages: Message[] = []
  readonly #adapter: { handle(message: unknown): void; dispose(): void }
  readonly #pending = new Map<number, { resolve: (response: Message) => void }>()
  readonly #waiting: { matches: (message: Message) => boolean; resolve: (message: Message) => void }[] = []
  /** Events up to here were waited for. */
  #seen = 0
  #seq = 0

  constructor() {
    const worker = findProduct(import.meta.url).engineWorker
    if (!existsSync(fileURLToPath(worker))) throw new Error('the engine worker is not built: run npm run build first')
    this.#adapter = createDebugAdapter({ worker, send: (message) => this.#receive(message as Message) })
  }

  #receive(message: Message): void {
    this.messages.push(message)
    if (message.type === 'response') this.#pending.get(message['request_seq'] as number)?.resolve(message)
    const at = this.#waiting.findIndex(({ matches }) => matches(message))
    if (at < 0) return
    this.#seen = this.messages.length
    this.#waiting.splice(at, 1)[0]!.resolve(message)
  }

  /** The whole response, also of a request that fails. */
  async ask(command: string, args?: object): Promise<Message> {
    const seq = ++this.#seq
    const answered = new Promise<Message>((resolve) => this.#pending.set(seq, { resolve }))
    const request = { seq, type: 'request', command, ...(args && { arguments: args }) }
    this.messages.push(request as unknown as Message)
    this.#adapter.handle(request)
    return patiently(answered, `an answer to ${command}`)
  }
  /** The body of the response; rejects with the adapter's words. */
  async request<T = Body>(command: string, args?: object): Promise<T> {
    const response = await this.ask(command, args)
    if (!response['success']) throw new Error(String(response['message']))
    return response['body'] as T
  }

  /** The next event of this name that was not waited for yet; its body. */
  async event(name: string, matches: (body: Body) => boolean = () => true): Promise<Body> {
    const fits = (message: Message): boolean =>
      message.type === 'event' && message['event'] === name && matches((message['body'] ?? {}) as Body)
    const at = this.messages.findIndex((message, index) => index >= this.#seen && fits(message))
    if (at >= 0) {
      this.#seen = at + 1
      return (this.messages[at]!['body'] ?? {}) as Body
    }
    const message = await patiently(
      new Promise<Message>((resolve) => this.#waiting.push({ matches: fits, resolve })),
      `the event ${name}; so far: ${JSON.stringify(this.messages.slice(-12), null, 1)}`,
    )
    return (message['body'] ?? {}) as Body
  }
  events(name: string): Body[] {
    return this.messages.flatMap((message) =>
      message.type === 'event' && message['event'] === name ? [(message['body'] ?? {}) as Body] : [],
    )
  }

  /** Opens the session as DAP prescribes; `configure` sends breakpoints. Resolves when everything is answered. */
  async launch(
    text: string,
    configure: (session: this) => Promise<unknown> = () => Promise.resolve(),
    args: Partial<LaunchArguments> = {},
  ): Promise<void> {
    await this.request('initialize', { adapterID: 'ndis', linesStartAt1: true, columnsStartAt1: true })
    const initialized = this.event('initialized')
    const launched = this.request('launch', { program: DRIVER, overlays: { 'driver.ts': text }, ...args })
    launched.catch(() => undefined)
    await initialized
    await configure(this)
    await this.request('configurationDone')
    await launched
  }
  setBreakpoints(...breakpoints: (number | DebugProtocol.SourceBreakpoint)[]): Promise<Body> {
    const list = breakpoints.map((entry) => (typeof entry === 'number' ? { line: entry } : entry))
    return this.request('setBreakpoints', { source: { path: DRIVER }, breakpoints: list })
  }
  setCalls(...breakpoints: (string | DebugProtocol.FunctionBreakpoint)[]): Promise<Body> {
    const list = breakpoints.map((entry) => (typeof entry === 'string' ? { name: entry } : entry))
    return this.request('setFunctionBreakpoints', { breakpoints: list })
  }

  stopped(): Promise<Body> {
    return this.event('stopped')
  }
  async frames(threadId?: number): Promise<Frame[]> {
    const id = threadId ?? (await this.topThread())
    return (await this.request<{ stackFrames: Frame[] }>('stackTrace', { threadId: id })).stackFrames
  }
  async topThread(): Promise<number> {
    const last = this.events('stopped').at(-1)
    if (!last) throw new Error('the driver did not stop')
    return last['threadId'] as number
  }
  /** 'DriverEntry:12' of the innermost frame. */
  async place(): Promise<string> {
    const [top] = await this.frames()
    return top ? `${top.name}:${top.line}` : '(no frame)'
  }
  /** Moves on and waits for the next stop. */
  async move(command: 'continue' | 'next' | 'stepIn' | 'stepOut'): Promise<Body> {
    await this.request(command, { threadId: await this.topThread() })
    return this.stopped()
  }
  async variables(reference: number): Promise<DebugProtocol.Variable[]> {
    const body = await this.request<{ variables: DebugProtocol.Variable[] }>('variables', {
      variablesReference: reference,
    })
    return body.variables
  }
  /** Variables of a scope of the innermost frame. */
  async scope(name: string): Promise<Map<string, DebugProtocol.Variable>> {
    const [top] = await this.frames()
    const { scopes } = await this.request<{ scopes: DebugProtocol.Scope[] }>('scopes', { frameId: top!.id })
    const scope = scopes.find((candidate) => candidate.name === name)
    if (!scope) throw new Error(`no scope ${name} among ${scopes.map((candidate) => candidate.name).join(', ')}`)
    return new Map((await this.variables(scope.variablesReference)).map((variable) => [variable.name, variable]))
  }
  async evaluate(expression: string, context = 'watch'): Promise<string> {
    const [top] = await this.frames()
    return (await this.request<{ result: string }>('evaluate', { expression, frameId: top!.id, context })).result
  }
  async report(): Promise<RunReport> {
    return (await this.event('ndis/report'))['report'] as RunReport
  }
  output(category = 'stdout'): string {
    return this.events('output')
      .filter((body) => body['category'] === category)
      .map((body) => body['output'])
      .join('')
  }

  close(): void {
    this.#adapter.dispose()
  }
}

async function patiently<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${PATIENCE_MS} ms without ${what}`)), PATIENCE_MS)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
