/** The part of the Chrome DevTools Protocol (V8's inspector) that the adapter uses. Lines and columns count from 0. */

export interface Location {
  readonly scriptId: string
  readonly lineNumber: number
  readonly columnNumber?: number
}
/** A place where a breakpoint can be; 'return' is the end of a function. */
export interface BreakLocation extends Location {
  readonly type?: 'debuggerStatement' | 'call' | 'return'
}
export interface RemoteObject {
  readonly type: string
  readonly subtype?: string
  readonly className?: string
  readonly value?: unknown
  readonly unserializableValue?: string
  readonly description?: string
  readonly objectId?: string
  readonly preview?: {
    readonly properties: readonly { readonly name: string; readonly type: string; readonly value?: string }[]
  }
}
export interface Scope {
  readonly type: string
  readonly object: RemoteObject
  readonly name?: string
}
export interface CallFrame {
  readonly callFrameId: string
  readonly functionName: string
  readonly location: Location
  readonly url: string
  readonly scopeChain: readonly Scope[]
  readonly this: RemoteObject
}
export interface PropertyDescriptor {
  readonly name: string
  readonly value?: RemoteObject
  readonly get?: RemoteObject
  readonly enumerable: boolean
}
export interface ExceptionDetails {
  readonly text: string
  readonly exception?: RemoteObject
}
export interface Evaluation {
  readonly result: RemoteObject
  readonly exceptionDetails?: ExceptionDetails
}

/** Commands: parameters and results. */
export interface CdpCommands {
  'Runtime.enable': { params: Record<string, never>; result: object }
  'Debugger.enable': { params: Record<string, never>; result: object }
  'Debugger.disable': { params: Record<string, never>; result: object }
  'Debugger.setBlackboxPatterns': { params: { patterns: readonly string[] }; result: object }
  'Debugger.setBreakpointByUrl': {
    params: { url: string; lineNumber: number; columnNumber?: number; condition?: string }
    result: { breakpointId: string; locations: readonly Location[] }
  }
  'Debugger.removeBreakpoint': { params: { breakpointId: string }; result: object }
  'Debugger.setBreakpoint': {
    params: { location: Location; condition?: string }
    result: { breakpointId: string; actualLocation: Location }
  }
  'Debugger.getPossibleBreakpoints': {
    params: { start: Location; end?: Location; restrictToFunction?: boolean }
    result: { locations: readonly BreakLocation[] }
  }
  'Debugger.getScriptSource': { params: { scriptId: string }; result: { scriptSource: string } }
  /** While it is on nothing stops: for evaluations of our own. */
  'Debugger.setSkipAllPauses': { params: { skip: boolean }; result: object }
  'Debugger.setPauseOnExceptions': { params: { state: 'none' | 'uncaught' | 'all' }; result: object }
  'Debugger.pause': { params: Record<string, never>; result: object }
  'Debugger.resume': { params: Record<string, never>; result: object }
  'Debugger.stepOver': { params: Record<string, never>; result: object }
  'Debugger.stepInto': { params: Record<string, never>; result: object }
  'Debugger.stepOut': { params: Record<string, never>; result: object }
  'Debugger.evaluateOnCallFrame': {
    params: {
      callFrameId: string
      expression: string
      objectGroup?: string
      generatePreview?: boolean
      throwOnSideEffect?: boolean
      silent?: boolean
    }
    result: Evaluation
  }
  'Debugger.setVariableValue': {
    params: {
      scopeNumber: number
      variableName: string
      newValue: { value?: unknown; objectId?: string; unserializableValue?: string }
      callFrameId: string
    }
    result: object
  }
  'Runtime.evaluate': { params: { expression: string; returnByValue?: boolean; silent?: boolean }; result: Evaluation }
  'Runtime.callFunctionOn': {
    params: {
      objectId: string
      functionDeclaration: string
      arguments?: readonly { value?: unknown; objectId?: string; unserializableValue?: string }[]
      generatePreview?: boolean
      returnByValue?: boolean
      silent?: boolean
    }
    result: Evaluation
  }
  'Runtime.getProperties': {
    params: { objectId: string; ownProperties?: boolean; generatePreview?: boolean }
    result: { result: readonly PropertyDescriptor[] }
  }
  'Runtime.releaseObjectGroup': { params: { objectGroup: string }; result: object }
}
export type CdpMethod = keyof CdpCommands

export interface CdpEvents {
  'Debugger.paused': {
    callFrames: readonly CallFrame[]
    reason: string
    hitBreakpoints?: readonly string[]
    data?: { description?: string }
  }
  'Debugger.resumed': Record<string, never>
  'Debugger.scriptParsed': { scriptId: string; url: string; endLine: number }
  'Debugger.breakpointResolved': { breakpointId: string; location: Location }
}
export type CdpEvent = keyof CdpEvents
