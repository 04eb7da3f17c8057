/**
 * The Debug Adapter Protocol with our custom requests. Standard types come from @vscode/debugprotocol; what is ours is
 * named `ndis/...`. All requests are answered, running or stopped; none of them asks the worker, `ndis/wire` alone tells it something.
 */
import type { DebugProtocol } from '@vscode/debugprotocol'
import type { WireChange } from './engine'
import type { ExploreReport } from './explore'
import type {
  CaptureChoice,
  CaptureFileView,
  ExportArguments,
  ExportView,
  InjectArguments,
  PacketsArguments,
  PacketsView,
  PacketView,
} from './packets'
import type { RunChoice } from './run-config'
import type { SweepKind, SweepReport } from './sweep'
import type {
  AllocationView,
  DescriptorView,
  EventRow,
  LockView,
  MachineView,
  MemoryView,
  NicView,
  PoolView,
  RingView,
  StructFieldView,
} from './views'

export type { DebugProtocol }

/** Arguments of `launch`. */
export interface LaunchArguments extends DebugProtocol.LaunchRequestArguments {
  /**
   * Absolute path of the driver (.ts file, or folder with an index.ts or driver.ts), or the URI of a document that has no
   * file: 'example:ID', 'untitled:N'. Its present text comes in `overlays` under its name ('01-packet-pool.ts',
   * 'Untitled-1.ts'); the name is also the `file` of reports. `source.path` of its frames and breakpoints is the URI itself.
   */
  readonly program: string
  /** Unsaved texts, by path relative to the driver's folder: they win over the disk. */
  readonly overlays?: Readonly<Record<string, string>>
  /** `keywords` win over those of the configuration file beside the driver; its unsaved text may come in `overlays` too. */
  readonly config?: RunChoice
  /** Stop before the first line of DriverEntry. */
  readonly stopOnEntry?: boolean
}

/** Custom requests: command -> arguments and response body. */
export interface NdisRequests {
  'ndis/machine': { args: Record<string, never>; body: MachineView }
  'ndis/pools': { args: Record<string, never>; body: { pools: readonly PoolView[] } }
  'ndis/descriptors': {
    args: { pool: number; start: number; count: number }
    body: { total: number; descriptors: readonly DescriptorView[] }
  }
  'ndis/locks': { args: Record<string, never>; body: { locks: readonly LockView[] } }
  'ndis/allocations': {
    args: { start: number; count: number; filter?: string }
    body: { total: number; bytes: number; allocations: readonly AllocationView[] }
  }
  'ndis/memory': { args: { address: number; count: number }; body: MemoryView }
  'ndis/struct': {
    args: { address: number; struct: string }
    body: { size: number; fields: readonly StructFieldView[] }
  }
  'ndis/nics': { args: Record<string, never>; body: { nics: readonly NicView[] } }
  /** Words of a device by byte offset, as they stand: looking at a register does nothing to it. */
  'ndis/registers': { args: { slot: number; offsets: readonly number[] }; body: { values: readonly number[] } }
  /** A ring by its name in the NicTable, with `count` descriptors from `start` on; from its head when that is left out. */
  'ndis/ring': { args: { slot: number; ring: string; start?: number; count: number }; body: RingView }
  /** Does something to the link of a NIC, running or stopped; the one request that goes to the worker. */
  'ndis/wire': { args: WireChange; body: Record<string, never> }
  /** Event log window. */
  'ndis/events': { args: { start: number; count: number }; body: { total: number; rows: readonly EventRow[] } }
  /** Rows of a capture under a display filter. Those that name a file are answered without a run. */
  'ndis/packets': { args: PacketsArguments; body: PacketsView }
  /** A frame in full. */
  'ndis/packet': { args: CaptureChoice & { index: number }; body: PacketView }
  /** Opens a .pcapng or .pcap file by its path, or one whose bytes (base64) come along. */
  'ndis/packets/open': { args: { path: string; data?: string }; body: CaptureFileView }
  /** Writes frames to a capture file. */
  'ndis/packets/export': { args: ExportArguments; body: ExportView }
  /** Lets frames of a capture arrive at a NIC of the run, now and one after the other. */
  'ndis/packets/inject': { args: InjectArguments; body: { frames: number } }
  /** Every rule, in the order of the reference page. */
  'ndis/rules': { args: Record<string, never>; body: { rules: readonly RuleView[] } }
  /**
   * Runs a driver once for each fault of a kind, beside whatever is debugged; 'ndis/sweep' events with a SweepProgress tell how it
   * goes on. `faults` of a row, as config.faults of `launch`, does that row again.
   */
  'ndis/sweep': { args: { kind: SweepKind; launch: LaunchArguments }; body: SweepReport }
  /** Breaks the sweep off: it is answered with the rows so far. */
  'ndis/sweep/cancel': { args: Record<string, never>; body: Record<string, never> }
  /**
   * Runs a driver with many seeds, on all processor cores, beside whatever is being debugged; the answer comes at its end, progress as
   * `ndis/explore` events. Two CPUs when `launch.config` names none; its seed is the first one. `timeoutMs`: real time for one run.
   * `outcomes[].shrunk` has `seed`, `cpus`, `frames` and `schedule` for the `config` of a launch that shows it again.
   */
  'ndis/explore': {
    args: { launch: LaunchArguments; seeds: number; timeoutMs?: number }
    body: ExploreReport
  }
  /** The exploration that is running ends with what is known so far. */
  'ndis/explore/cancel': { args: Record<string, never>; body: Record<string, never> }
  /** Functions that call breakpoints accept. */
  'ndis/functions': {
    args: Record<string, never>
    body: {
      functions: readonly {
        name: string
        category: string
        params: readonly string[]
        summary: string
        implemented: boolean
      }[]
    }
  }
}
/** A rule, for people: see docs/rules.md. */
export interface RuleView {
  readonly name: string
  /** Title of the part of the reference that it stands in. */
  readonly area: string
  readonly meaning: string
  readonly why: string
  readonly mend: string
  /** Its own level, before a run configuration says otherwise. */
  readonly level: import('./rule-levels').RuleLevel
  /** Functions and callbacks of the interface at which it is checked, sorted. */
  readonly watches: readonly string[]
}
export type NdisCommand = keyof NdisRequests

/** Body of the `ndis/report` event, sent before `terminated`. */
export interface ReportEventBody {
  readonly report: import('./report').RunReport
}
/** `ndis/violation` and `ndis/bugcheck` events carry ViolationReport and BugcheckReport as body; `ndis/machine` a MachineView at display rate while running; `ndis/sweep` a SweepProgress, `ndis/explore` an ExploreProgress. */
export type NdisEvent =
  'ndis/sweep' | 'ndis/explore' | 'ndis/report' | 'ndis/violation' | 'ndis/bugcheck' | 'ndis/machine'

/** Exception filters of `setExceptionBreakpoints`, in the order in which people see them. */
export const EXCEPTION_FILTERS = [
  {
    filter: 'breaks',
    label: 'Rules of level break',
    description: 'Stops where a rule is broken that harms memory or hangs a machine, or whose level was set to break.',
    default: true,
  },
  {
    filter: 'violations',
    label: 'Rule violations',
    description: 'Stops where a rule of the driver interface is broken, whatever its level is.',
    default: false,
  },
  {
    filter: 'bugchecks',
    label: 'Bugchecks',
    description: 'Stops where the machine would show a blue screen.',
    default: true,
  },
  { filter: 'uncaught', label: 'Uncaught exceptions', description: 'Stops where the driver throws.', default: false },
  {
    filter: 'faults',
    label: 'Injected faults',
    description: 'Stops where a call is made to fail, or the hardware is pulled, as the run was told to.',
    default: true,
  },
] as const satisfies readonly DebugProtocol.ExceptionBreakpointsFilter[]
