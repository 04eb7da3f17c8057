import type { DebugProtocol } from '@vscode/debugprotocol'

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
  exceptionBreakpointFilters: [
    {
      filter: 'breaks',
      label: 'Broken rules of level break',
      description:
        'Stops where a rule is broken that harms memory or hangs a machine, or whose level was set to break.',
      default: true,
    },
    {
      filter: 'violations',
      label: 'Broken rules',
      description: 'Stops where a rule of the driver interface is broken, whatever its level is.',
      default: false,
      supportsCondition: true,
      conditionDescription: 'Names of rules with commas between them, such as SpinLockBalanced, Irql_*; all when empty',
    },
    {
      filter: 'bugchecks',
      label: 'Bugchecks',
      description: 'Stops where the machine would show a blue screen.',
      default: true,
    },
    { filter: 'uncaught', label: 'Thrown exceptions', description: 'Stops where the driver throws.', default: false },
    {
      filter: 'faults',
      label: 'Injected faults',
      description: 'Stops where a call is made to fail, or the hardware is pulled, as the run was told to.',
      default: true,
    },
  ],
}
