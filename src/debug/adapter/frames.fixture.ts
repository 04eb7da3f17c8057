import type { CallFrame } from '../cdp/protocol'

/** A frame of specs: 'helper:17' is the driver's, '(engine)' is not. Innermost first, as V8 gives them. */
export function framesOf(...names: string[]): CallFrame[] {
  return names.map((name, index) => {
    const [functionName = '', line] = name.split(':')
    const driver = line !== undefined
    return {
      callFrameId: `frame ${index}`,
      functionName,
      location: { scriptId: driver ? '1' : '2', lineNumber: driver ? Number(line) - 1 : 0, columnNumber: 0 },
      url: driver ? 'driver:///driver.ts' : 'file:///engine.js',
      scopeChain: [],
      this: { type: 'undefined' },
    }
  })
}
