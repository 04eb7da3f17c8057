/** The sweep or exploration of this window: one at a time, in a debug adapter of its own beside the session. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { ExploreReport } from '../../src/shared/explore'
import type { LaunchArguments } from '../../src/shared/dap'
import type { SweepReport } from '../../src/shared/sweep'
import { host } from '../bridge/host'
import { messageOf } from '../bridge/rpc-error'
import { openDapClient, type DapClient } from '../debug/dap-client'
import { INITIALIZE } from '../debug/handshake'
import { exploreRows, isTrialKind, rowOf, sweepRow, trialSummary, type TrialKind, type TrialRow } from '../model/trials'
import { isNumber, remembered } from './ui-state'

export interface TrialProgress {
  readonly done: number
  /** Grows while more is found to try. */
  readonly total: number
  readonly words: string
}
const START: TrialProgress = { done: 0, total: 0, words: 'starting' }

export const useTrials = defineStore('trials', () => {
  const kind = remembered<TrialKind>('trials-kind', 'allocations', isTrialKind)
  const seeds = remembered('trials-seeds', 200, isNumber)
  const rows = shallowRef<readonly TrialRow[]>([])
  /** The driver of the rows, and what was done to it. */
  const of = shallowRef<{ readonly program: string; readonly kind: TrialKind }>()
  const progress = shallowRef<TrialProgress>()
  const trouble = ref('')
  const facts = ref('')
  let client: DapClient | undefined

  const running = computed(() => progress.value !== undefined)
  const summary = computed(() =>
    [trialSummary(rows.value, of.value?.kind ?? kind.value), facts.value].filter(Boolean).join(', '),
  )

  const sweep = async (
    opened: DapClient,
    of: Exclude<TrialKind, 'explore'>,
    launch: LaunchArguments,
  ): Promise<SweepReport> => {
    opened.on('ndis/sweep', ({ done, total, row }) => {
      progress.value = { done, total, words: `${done} of ${total}` }
      if (row) rows.value = [...rows.value, rowOf(launch.program, sweepRow(row))]
    })
    const report = await opened.request('ndis/sweep', { kind: of, launch })
    rows.value = report.rows.map((row) => rowOf(launch.program, sweepRow(row)))
    trouble.value =
      report.error ?? (report.plain.outcome === 'handled' ? '' : `Without a fault: ${report.plain.message}`)
    return report
  }
  const explore = async (opened: DapClient, launch: LaunchArguments): Promise<ExploreReport> => {
    opened.on('ndis/explore', ({ phase, done, total, failing }) => {
      const words =
        phase === 'explore' ? `${done} of ${total} seeds, ${failing} failing` : `shrinking ${done + 1} of ${total}`
      progress.value = { done, total, words }
    })
    const report = await opened.request('ndis/explore', { seeds: seeds.value, launch })
    rows.value = exploreRows(report).map((row) => rowOf(launch.program, row))
    return report
  }
  const start = async (launch: LaunchArguments): Promise<void> => {
    if (running.value) return
    rows.value = []
    trouble.value = ''
    facts.value = ''
    progress.value = START
    const wanted = kind.value
    of.value = { program: launch.program, kind: wanted }
    try {
      client = await openDapClient(host())
      await client.request('initialize', INITIALIZE)
      const { runs, wallMs, cancelled } = await (wanted === 'explore'
        ? explore(client, launch)
        : sweep(client, wanted, launch))
      facts.value = `${runs} runs in ${(wallMs / 1000).toFixed(1)} s${cancelled ? ', broken off' : ''}`
    } catch (error) {
      trouble.value = messageOf(error)
    } finally {
      progress.value = undefined
      await client?.close().catch(() => undefined)
      client = undefined
    }
  }
  /** What is known so far stays. */
  const cancel = async (): Promise<void> => {
    await client?.request(of.value?.kind === 'explore' ? 'ndis/explore/cancel' : 'ndis/sweep/cancel', {})
  }
  return { kind, seeds, rows, of, progress, running, trouble, summary, start, cancel }
})
