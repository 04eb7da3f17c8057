import 'ses'
import { LoadError } from './errors'

declare const lockdown: (options: Record<string, string>) => void
declare const harden: <T>(value: T) => T
declare const Compartment: new (options: Record<string, unknown>) => {
  readonly globalThis: Record<string, unknown>
  evaluate(source: string, options?: Record<string, unknown>): unknown
}

let locked = false

/**
 * Hardens the language of this worker. What scripts share with us afterwards is frozen; what they could reach the host
 * with is gone.
 */
export function lockDown(): void {
  if (locked) return
  locked = true
  lockdown({
    errorTaming: 'unsafe',
    stackFiltering: 'verbose',
    overrideTaming: 'severe',
    consoleTaming: 'unsafe',
    evalTaming: 'unsafe-eval',
    domainTaming: 'unsafe',
  })
}

/** Globals of a compartment that a deterministic driver has no use for. */
const REMOVED = [
  'SharedArrayBuffer',
  'Atomics',
  'WebAssembly',
  'FinalizationRegistry',
  'WeakRef',
  'Compartment',
  'lockdown',
  'harden',
  'eval',
  'Function',
  'assert',
  'setTimeout',
  'console',
]

export interface Sandbox {
  /** Evaluates the text of a module, an expression, under its URL. */
  evaluate(code: string, url: string): unknown
}

export function createSandbox(): Sandbox {
  const compartment = new Compartment({ globals: {}, __options__: true })
  for (const name of REMOVED) delete compartment.globalThis[name]
  harden(compartment.globalThis)
  return {
    evaluate(code, url) {
      if (/[\n\r*]/.test(url)) throw new LoadError('usage', 'a file name may not contain line ends or asterisks', url)
      // The loader has parsed the module and refused import() and eval(); SES would also refuse them in comments.
      return compartment.evaluate(`${code}\n//# sourceURL=${url}`, {
        __evadeImportExpressionTest__: true,
        __evadeHtmlCommentTest__: true,
        __rejectSomeDirectEvalExpressions__: false,
      })
    },
  }
}

/** Freezes an object graph before a script gets it. */
export const hardenForScripts = <T>(value: T): T => harden(value)
