import type { DebugProtocol } from '@vscode/debugprotocol'
import { EXCEPTION_FILTERS } from '../../shared/dap'

const NAMED_RULES = {
  supportsCondition: true,
  conditionDescription: 'Names of rules with commas between them, such as SpinLockBalanced, Irql_*; all when empty',
}

/** What the adapter can do; each entry has a test. */
export const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsEvaluateForHovers: true,
  supportsSetVariable: true,
  supportsReadMemoryRequest: true,
  supportsWriteMemoryRequest: true,
  supportsExceptionInfoRequest: true,
  supportsLoadedSourcesRequest: true,
  supportsRestartRequest: true,
  supportsTerminateRequest: true,
  supportsBreakpointLocationsRequest: true,
  supportsExceptionFilterOptions: true,
  exceptionBreakpointFilters: EXCEPTION_FILTERS.map((entry) =>
    entry.filter === 'violations' ? { ...entry, ...NAMED_RULES } : entry,
  ),
}
