import { describe, expect, test } from 'vitest'
import { LoadError } from './errors'
import { driverOf, runScript } from './test-driver'

const POOL = 'const Status = out(), Pool = out(), Packet = out(); NdisAllocatePacketPool(Status, Pool, 2, 16)'
const POOL_NAMES = 'out, NdisAllocatePacketPool, NdisAllocatePacket, NdisFreePacket, NdisFreePacketPool'

const loadError = (run: () => unknown): LoadError => {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof LoadError) return thrown
    throw thrown
  }
  throw new Error('it loaded')
}

describe('a run', () => {
  test('is clean for a driver that gives everything back', () => {
    const report = runScript(
      driverOf(
        POOL_NAMES,
        `${POOL}\nNdisAllocatePacket(Status, Packet, Pool.value)\nNdisFreePacket(Packet.value)\nNdisFreePacketPool(Pool.value)`,
      ),
    )
    expect(report).toMatchObject({ outcome: 'clean', violations: [], leaks: [], bugcheck: null, calls: 4 })
    expect(report.traceHash).toMatch(/^[0-9a-f]{16}$/)
  })

  test('gives the same hash for the same seed, another for another driver', () => {
    const script = driverOf(POOL_NAMES, `${POOL}\nNdisFreePacketPool(Pool.value)`)
    const other = driverOf(
      POOL_NAMES,
      `${POOL}\nNdisAllocatePacket(Status, Packet, Pool.value)\nNdisFreePacket(Packet.value)\nNdisFreePacketPool(Pool.value)`,
    )
    expect(runScript(script).traceHash).toBe(runScript(script).traceHash)
    expect(runScript(other).traceHash).not.toBe(runScript(script).traceHash)
  })

  test('collects the lines of DbgPrint, pieces joined', () => {
    const report = runScript(driverOf('DbgPrint', `DbgPrint('a%d', 1); DbgPrint('b\\nc\\n'); DbgPrint('no end')`))
    expect(report.output).toEqual(['a1b', 'c', 'no end'])
  })

  test('needs no event log: then there is no hash', () => {
    expect(runScript(driverOf('DbgPrint', `DbgPrint('x\\n')`), { log: false })).toMatchObject({
      outcome: 'clean',
      traceHash: '',
      events: 0,
    })
  })

  test('blames the line of the call, with who allocated and who freed', () => {
    const report = runScript(
      driverOf(
        POOL_NAMES,
        `${POOL}\nNdisAllocatePacket(Status, Packet, Pool.value)\nNdisFreePacket(Packet.value)\nNdisFreePacket(Packet.value)\nNdisFreePacketPool(Pool.value)`,
      ),
    )
    expect(report.outcome).toBe('violations')
    expect(report.violations[0]).toMatchObject({
      rule: 'DV:DoubleFree',
      function: 'NdisFreePacket',
      file: 'driver.ts',
      line: 6,
      column: 1,
      allocatedAt: { line: 4 },
      freedAt: { line: 5 },
      stack: [{ function: 'DriverEntry', file: 'driver.ts', line: 6 }],
    })
  })

  test('a script that throws stops the machine with its line', () => {
    const report = runScript(driverOf('DbgPrint', `const nothing = undefined\nnothing.x = 1`))
    expect(report.outcome).toBe('bugcheck')
    expect(report.bugcheck).toMatchObject({
      name: 'KMODE_EXCEPTION_NOT_HANDLED',
      code: 0x1e,
      file: 'driver.ts',
      line: 4,
    })
    expect(report.bugcheck?.message).toContain('driver.ts:4')
  })

  test('endless recursion of the script is such an exception too', () => {
    expect(runScript('export function DriverEntry() { return DriverEntry() }')).toMatchObject({ outcome: 'bugcheck' })
  })

  test('a function that is not there says so by name and line', () => {
    const report = runScript(driverOf('NdisCmRegisterAddressFamilyEx', `NdisCmRegisterAddressFamilyEx(0, 0)`))
    expect(report).toMatchObject({
      outcome: 'error',
      error: {
        code: 'not-implemented',
        message: 'NdisCmRegisterAddressFamilyEx is not implemented',
        file: 'driver.ts',
        line: 3,
      },
    })
  })
})

describe('what cannot be loaded', () => {
  test.each([
    ['a syntax error', 'export function DriverEntry() {\n  const x = ;\n}', 'syntax', 2],
    [
      'a module of Node',
      "import { readFileSync } from 'node:fs'\nexport function DriverEntry() {}",
      'import-refused',
      1,
    ],
    ['import()', "export function DriverEntry() {\n  return import('node:fs')\n}", 'import-refused', 2],
    ['a name that does not exist', "import { NdisAllocatePaket } from 'ndis'", 'unknown-export', 1],
    ['a file that does not exist', "import { x } from './other'", 'file-not-found', 1],
    ['an enum', '\nenum Color { Red }', 'unsupported-syntax', 2],
    ['eval', "export function DriverEntry() {\n  eval('1')\n}", 'unsupported-syntax', 2],
  ])('%s: %j', (_what, source, code, line) => {
    expect(loadError(() => runScript(source))).toMatchObject({ code, line, file: 'driver.ts' })
  })

  test('a driver without DriverEntry', () => {
    expect(runScript('export const x = 1')).toMatchObject({ outcome: 'error', error: { code: 'unknown-export' } })
  })
})

describe('modules', () => {
  test('import each other, and violations name the file', () => {
    const report = runScript(
      '',
      {},
      {
        entry: 'main.ts',
        files: {
          'main.ts': "import { start } from './lib/start'\nexport function DriverEntry() { return start() }",
          'lib/start.ts':
            "import { out, NdisAllocatePacketPool } from 'ndis'\nexport function start() {\n  NdisAllocatePacketPool(out(), out(), 1, 16)\n  return 0\n}",
        },
      },
    )
    expect(report.violations[0]).toMatchObject({ rule: 'DV:LeakAtUnload', file: 'lib/start.ts', line: 3 })
  })

  test('keep the lines of a statement without a semicolon before a call', () => {
    const report = runScript(
      driverOf('DbgPrint', `let a = 1\nDbgPrint('%d\\n', a)\na = 2\n;[3].forEach((x) => DbgPrint('%d %d\\n', a, x))`),
    )
    expect(report.output).toEqual(['1', '2 3'])
  })
})
