import { parse, type Node } from 'acorn'
import { ancestor } from 'acorn-walk'
import type { CdpClient } from '../cdp/client'
import type { CallFrame, Location } from '../cdp/protocol'

interface Range {
  readonly start: number
  readonly end: number
}
interface Tries {
  readonly lines: readonly number[]
  /** Bodies of `try` that have a `catch`, and the functions around them. */
  readonly bodies: readonly { readonly body: Range; readonly inside: Range }[]
  readonly functions: readonly Range[]
}

const isFunction = (node: Node): boolean => /Function/.test(node.type)
const holds = (range: Range, at: number): boolean => at >= range.start && at < range.end

function triesOf(source: string): Tries {
  const program = parse(source, { ecmaVersion: 'latest' })
  const lines = [0]
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) lines.push(at + 1)
  const bodies: { body: Range; inside: Range }[] = []
  const functions: Range[] = []
  ancestor(program, {
    Function: (node) => void functions.push(node),
    TryStatement(node, _state, ancestors) {
      const inside = ancestors.findLast((outer) => outer !== node && isFunction(outer)) ?? program
      if (node.handler) bodies.push({ body: node.block, inside })
    },
  })
  return { lines, bodies, functions }
}

/**
 * Will the driver itself catch what is thrown? V8 cannot tell: the engine around a driver catches everything, to report it.
 * So it is the driver's own `try` statements that count, of each of its frames up to the engine.
 */
export class Catchers {
  readonly #cdp: CdpClient
  readonly #known = new Map<string, Promise<Tries>>()
  constructor(cdp: CdpClient) {
    this.#cdp = cdp
  }

  /** `frames`: the driver's, innermost first. */
  async catches(frames: readonly CallFrame[]): Promise<boolean> {
    for (const { location } of frames) if (await this.#inTry(location)) return true
    return false
  }
  async #inTry({ scriptId, lineNumber, columnNumber }: Location): Promise<boolean> {
    const { lines, bodies, functions } = await this.#tries(scriptId)
    const at = (lines[lineNumber] ?? 0) + (columnNumber ?? 0)
    const own = functions
      .filter((range) => holds(range, at))
      .reduce<Range | undefined>((best, range) => (!best || range.start > best.start ? range : best), undefined)
    return bodies.some(({ body, inside }) => holds(body, at) && (!own || inside.start === own.start))
  }
  #tries(scriptId: string): Promise<Tries> {
    const known = this.#known.get(scriptId)
    if (known) return known
    const read = this.#cdp.send('Debugger.getScriptSource', { scriptId }).then((body) => triesOf(body.scriptSource))
    this.#known.set(scriptId, read)
    return read
  }
}
