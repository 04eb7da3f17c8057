/** Every request and event of the debug protocol that the workbench uses, with its types. */
import type { DebugProtocol as P } from '@vscode/debugprotocol'
import type { LaunchArguments, NdisRequests, ReportEventBody } from '../../src/shared/dap'
import type { ExploreProgress } from '../../src/shared/explore'
import type { BugcheckReport, ViolationReport } from '../../src/shared/report'
import type { SweepProgress } from '../../src/shared/sweep'
import type { MachineView } from '../../src/shared/views'

type Empty = Record<string, never> | undefined

export interface DapRequests extends NdisRequests {
  initialize: { args: P.InitializeRequestArguments; body: P.Capabilities }
  launch: { args: LaunchArguments; body: Empty }
  configurationDone: { args: P.ConfigurationDoneArguments; body: Empty }
  disconnect: { args: P.DisconnectArguments; body: Empty }
  terminate: { args: P.TerminateArguments; body: Empty }
  setBreakpoints: { args: P.SetBreakpointsArguments; body: P.SetBreakpointsResponse['body'] }
  setFunctionBreakpoints: { args: P.SetFunctionBreakpointsArguments; body: P.SetFunctionBreakpointsResponse['body'] }
  setExceptionBreakpoints: { args: P.SetExceptionBreakpointsArguments; body: P.SetExceptionBreakpointsResponse['body'] }
  continue: { args: P.ContinueArguments; body: P.ContinueResponse['body'] }
  pause: { args: P.PauseArguments; body: Empty }
  next: { args: P.NextArguments; body: Empty }
  stepIn: { args: P.StepInArguments; body: Empty }
  stepOut: { args: P.StepOutArguments; body: Empty }
  threads: { args: Empty; body: P.ThreadsResponse['body'] }
  stackTrace: { args: P.StackTraceArguments; body: P.StackTraceResponse['body'] }
  scopes: { args: P.ScopesArguments; body: P.ScopesResponse['body'] }
  variables: { args: P.VariablesArguments; body: P.VariablesResponse['body'] }
  setVariable: { args: P.SetVariableArguments; body: P.SetVariableResponse['body'] }
  evaluate: { args: P.EvaluateArguments; body: P.EvaluateResponse['body'] }
  writeMemory: { args: P.WriteMemoryArguments; body: P.WriteMemoryResponse['body'] }
}
export type DapCommand = keyof DapRequests

export interface DapEvents {
  initialized: undefined
  stopped: P.StoppedEvent['body']
  continued: P.ContinuedEvent['body']
  output: P.OutputEvent['body']
  breakpoint: P.BreakpointEvent['body']
  terminated: P.TerminatedEvent['body']
  exited: P.ExitedEvent['body']
  invalidated: P.InvalidatedEvent['body']
  memory: P.MemoryEvent['body']
  thread: P.ThreadEvent['body']
  'ndis/report': ReportEventBody
  'ndis/violation': ViolationReport
  'ndis/bugcheck': BugcheckReport
  'ndis/machine': MachineView
  'ndis/sweep': SweepProgress
  'ndis/explore': ExploreProgress
}
export type DapEventName = keyof DapEvents
