/** Contract between a host and one campaign worker: a thread that runs drivers one after the other, each on a fresh machine. */
import type { CallSite, RunConfig } from './engine'
import type { RunReport } from './report'

export interface CampaignWorkerData {
  /** Event ring of all its machines, which nobody reads: its newest record says where a run is that does not end. */
  readonly ring: WebAssembly.Memory
}

/** One run, as EngineWorkerData has it. */
export interface CampaignRun {
  readonly config: RunConfig
  /** Path -> source text of every file of the driver. */
  readonly files: Readonly<Record<string, string>>
  /** A key of `files`. */
  readonly entry: string
  readonly inject?: Uint8Array
}

/** To the worker. It takes the next one when it has answered. */
export type CampaignCommand = CampaignRun

/** From the worker. */
export type CampaignMessage =
  /** It can take its first run. */
  | { readonly type: 'ready' }
  /** The driver is loaded; not sent again while the same files are run. */
  | { readonly type: 'loaded'; readonly sites: readonly CallSite[] }
  | { readonly type: 'finished'; readonly report: RunReport }
