import { describe, expect, test } from 'vitest'
import { LoadError } from './errors'
import { runScript } from './test-driver'

/** The value of an expression inside a driver script, as text; or how the attempt failed. */
function attempt(expression: string): string {
  const source = `import * as ndis from 'ndis'\nexport function DriverEntry() {\n  let shown\n  try { shown = String(${expression}) } catch (error) { shown = 'refused' }\n  ndis.DbgPrint('%s', shown.slice(0, 200))\n  return 0\n}`
  try {
    const report = runScript(source)
    return report.output.join('\n') || report.outcome
  } catch (thrown) {
    if (thrown instanceof LoadError) return 'refused'
    throw thrown
  }
}

describe('escape attempts', () => {
  test.each([
    'typeof process',
    'typeof require',
    'typeof globalThis.process',
    'typeof module',
    'typeof setTimeout',
    'typeof fetch',
    'typeof WebAssembly',
    'typeof SharedArrayBuffer',
    'typeof Atomics',
    'typeof console',
    '(function () { return typeof this })()',
    "typeof globalThis['__ndisEngine']",
  ])('%s is undefined', (expression) => {
    expect(attempt(expression)).toBe('undefined')
  })

  test.each([
    "ndis.DbgPrint.constructor('return process')()",
    "ndis.DbgPrint.constructor.constructor('return process')()",
    "(() => {}).constructor('return process')()",
    "(async () => {}).constructor('return process')()",
    "(function* () {}).constructor('return process')()",
    "Reflect.construct(Object.getPrototypeOf(() => {}).constructor, ['return process'])()",
    "[].constructor.constructor('return process')()",
    "ndis.out().constructor.constructor('return process')()",
    "ndis.NDIS_PACKET.at(0x100000).constructor.constructor('return process')()",
    "Object.getPrototypeOf(ndis.out()).constructor.constructor('return globalThis.process')()",
    "new Function('return process')()",
    "(0, eval)('process')",
    "import('node:fs')",
    'Date.now().foo.bar',
    'Math.random()',
  ])('%s is refused', (expression) => {
    expect(attempt(expression)).toMatch(/refused|bugcheck|undefined/)
  })

  test.each([
    'Object.prototype.polluted = 1',
    'Array.prototype.push = null',
    'ndis.DbgPrint.x = 1',
    'Object.getPrototypeOf(ndis.out()).stolen = 1',
    'ndis.constructor = 1',
  ])('%s changes nothing', (statement) => {
    expect(attempt(`(() => { ${statement}; return 'changed' })()`)).toBe('refused')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('error stack hooks show no frame of ours and give no function of ours', () => {
    const hook =
      "(() => { let seen = 'none'; try { Error.prepareStackTrace = (e, frames) => { seen = frames.map((f) => typeof f.getFunction + typeof f.getThis).join(); return seen } ; new Error().stack } catch {} return seen })()"
    expect(attempt(hook)).not.toMatch(/function.*object/)
    expect(
      attempt(
        "(() => { let leak = 'none'; try { Error.prepareStackTrace = (e, f) => { leak = String(f[0] && f[0].getThis && f[0].getThis()); return '' }; String(new Error().stack) } catch {} return leak })()",
      ),
    ).toMatch(/none|undefined|refused/)
  })

  test('an error thrown by the interface leads nowhere', () => {
    expect(
      attempt(
        "(() => { try { ndis.sizeof(null) } catch (e) { return e.constructor.constructor('return process')() } })()",
      ),
    ).toMatch(/refused/)
  })

  test('a stack overflow inside the interface leads nowhere', () => {
    expect(
      attempt(
        "(() => { const go = () => { try { go() } catch (e) { throw e.constructor.constructor('return process')() } }; go() })()",
      ),
    ).toMatch(/refused/)
  })
})
