import type {
  CallBreakpoint,
  CompiledBreakpoint,
  EngineMessage,
  EngineNotice,
  ExceptionFilters,
  RunConfig,
} from '../../shared/engine'
import type { ExploreProgress, ExploreReport } from '../../shared/explore'
import type { Keywords } from '../../shared/configuration'
import type { Hardware } from '../../shared/hardware'
import type { RuleLevels } from '../../shared/rule-levels'
import type { NdisRequests } from '../../shared/dap'
import type {
  CaptureFileView,
  ExportArguments,
  ExportView,
  PacketsArguments,
  PacketsView,
  PacketView,
} from '../../shared/packets'
import type { RunReport } from '../../shared/report'
import type { SweepKind, SweepProgress, SweepReport } from '../../shared/sweep'
import type { CpuView, MachineView } from '../../shared/views'

/** The text of a driver, as the host found it. */
export interface DriverSource {
  /** Absolute path of the folder that `files` are relative to; '' for a driver that is no file. */
  readonly folder: string
  /** Set for a driver that is no file: what `source.path` says in place of a path. */
  readonly uri?: string
  readonly entry: string
  readonly files: Readonly<Record<string, string>>
  /** Of the configuration file beside the entry. */
  readonly keywords: Keywords
  /** Of the same file. */
  readonly hardware: Hardware
  readonly levels: RuleLevels
}

export interface ExploreRequest {
  readonly source: DriverSource
  readonly config: RunConfig
  readonly seeds: number
  /** Real time for one run, milliseconds. */
  readonly timeoutMs: number
}

export interface EngineListener {
  readonly message: (message: EngineMessage) => void
  readonly notice: (notice: EngineNotice) => void
  readonly exit: (report: RunReport) => void
}

export interface EngineStartOptions {
  readonly config: RunConfig
  readonly source: DriverSource
  readonly compiledBreakpoints: readonly CompiledBreakpoint[]
  readonly callBreakpoints: readonly CallBreakpoint[]
  readonly exceptionFilters: ExceptionFilters
}

/** A capture, as panels look at it: the live one of a run, or a file. */
export interface PacketsPort {
  packets(args: PacketsArguments): PacketsView
  /** Throws Error with a message for a person. */
  packet(index: number): PacketView
  export(args: ExportArguments): Promise<ExportView>
  /** Frames for `inject` of the engine, base64; `count` of them. Throws Error when none of them can arrive at a NIC. */
  injectable(indices: readonly number[]): { readonly data: string; readonly count: number }
}
export interface CaptureFilesPort {
  open(path: string, data?: string): Promise<CaptureFileView>
  views(file: string): Promise<PacketsPort>
}

/** A running engine as the adapter sees it: control, and views that read shared memory and never ask the worker. */
export interface RunningEngine {
  /** Name of the worker, by which the inspector finds it. */
  readonly name: string
  /** The frames of its NICs; undefined when it has none. */
  readonly packets: PacketsPort | undefined
  begin(): void
  /** Takes over what is in the rings now, not at the next turn. */
  drain(): void
  terminate(): Promise<void>
  dispose(): void
  /** Undefined until the driver is loaded. */
  machine(state: MachineView['state']): MachineView | undefined
  cpus(): readonly CpuView[]
  /** Answers a custom request; undefined for one that it does not know. Throws Error with a message for a person. */
  view<C extends keyof NdisRequests>(command: C, args: NdisRequests[C]['args']): NdisRequests[C]['body'] | undefined
  /** Bytes of kernel memory that exist in [address, address + count). */
  read(address: number, count: number): Uint8Array
  /** Writes what lies in memory; the number of bytes written. */
  write(address: number, bytes: Uint8Array): number
}

export interface SweepStart {
  readonly kind: SweepKind
  /** As the front end named it. */
  readonly driver: string
  readonly source: DriverSource
  readonly config: RunConfig
  readonly onProgress: (progress: SweepProgress) => void
  readonly signal: AbortSignal
}

/** What the adapter needs of the host. */
export interface AdapterPorts {
  /** Rejects with an Error whose message says what to do. */
  readDriver(program: string, overlays: Readonly<Record<string, string>>): Promise<DriverSource>
  startEngine(options: EngineStartOptions, listener: EngineListener): RunningEngine
  /** Functions that call breakpoints accept, also before a run. */
  functions(): NdisRequests['ndis/functions']['body']
  /** Every rule, also before a run. */
  rules(): NdisRequests['ndis/rules']['body']
  readonly captures: CaptureFilesPort
  /** Runs a driver again and again. Never rejects because of the driver. */
  sweep(options: SweepStart): Promise<SweepReport>
  /** Never rejects because of the driver; after the signal it gives what is known. */
  explore(
    request: ExploreRequest,
    watch: { readonly signal: AbortSignal; readonly onProgress: (progress: ExploreProgress) => void },
  ): Promise<ExploreReport>
}
