import { describe, expect, test } from 'vitest'
import { driverOf, runScript } from './test-driver'

const run = (statements: string) => runScript(driverOf('KeBugCheckEx, DbgPrint', statements))
const STOP = 'KeBugCheckEx(0xe2, 1, 2, 3, 4)'

describe('after a bugcheck nothing of the driver runs', () => {
  test.each([
    ['catch', `try { ${STOP} } catch { DbgPrint('caught\\n') }\nDbgPrint('went on\\n')`],
    ['catch with what was thrown', `try { ${STOP} } catch (e) {DbgPrint('caught\\n')}\nDbgPrint('went on\\n')`],
    ['finally', `try { ${STOP} } finally { DbgPrint('finally\\n') }`],
    [
      'both, and one in the other',
      `try { try { ${STOP} } finally { DbgPrint('a\\n') } } catch { return 0 } finally { DbgPrint('b\\n') }`,
    ],
    ['an empty one', `for (;;) try { ${STOP} } catch {}`],
    [
      'a generator that is closed',
      `function* all() { try { yield 1 } finally { DbgPrint('closed\\n') } }\nfor (const _ of all()) ${STOP}`,
    ],
    ['an arrow function', `const f = () => { try { ${STOP} } catch { return 1 } }\nDbgPrint('%d\\n', f())`],
  ])('%s', (_what, statements) => {
    const { outcome, bugcheck, output, violations } = run(statements)
    expect({ outcome, output, violations }).toEqual({ outcome: 'bugcheck', output: [], violations: [] })
    expect(bugcheck).toMatchObject({ code: 0xe2, parameters: [1, 2, 3, 4] })
  })
  test('what the driver throws itself it catches as ever, in the same columns', () => {
    const { outcome, output } = run(
      `try { try { throw new Error('own') } catch (e) { DbgPrint('%s\\n', e.message); throw e } finally { DbgPrint('f\\n') } } catch ({ message }) { DbgPrint('again %s\\n', message) }`,
    )
    expect({ outcome, output }).toEqual({ outcome: 'clean', output: ['own', 'f', 'again own'] })
    const { bugcheck } = run(`try { throw 1 } catch { ${STOP} }`)
    expect(bugcheck).toMatchObject({ line: 3, column: 'try { throw 1 } catch { '.length + 1 })
  })
})
