/** Every panel of the workbench by name. A panel is one file in panels/. */
import type { Component } from 'vue'
import Allocations from '../panels/Allocations.vue'
import Breakpoints from '../panels/Breakpoints.vue'
import CallStack from '../panels/CallStack.vue'
import Configuration from '../panels/Configuration.vue'
import EditorPanel from '../panels/EditorPanel.vue'
import Events from '../panels/Events.vue'
import Examples from '../panels/Examples.vue'
import Explorer from '../panels/Explorer.vue'
import Locks from '../panels/Locks.vue'
import Memory from '../panels/Memory.vue'
import Nic from '../panels/Nic.vue'
import Output from '../panels/Output.vue'
import Packets from '../panels/Packets.vue'
import Pools from '../panels/Pools.vue'
import Problems from '../panels/Problems.vue'
import Report from '../panels/Report.vue'
import Start from '../panels/Start.vue'
import Trials from '../panels/Trials.vue'
import Variables from '../panels/Variables.vue'
import Watch from '../panels/Watch.vue'

export interface PanelType {
  readonly title: string
  readonly icon: string
  readonly component: Component
}

export const PANELS = {
  explorer: { title: 'Explorer', icon: 'files', component: Explorer },
  examples: { title: 'Examples', icon: 'book', component: Examples },
  editor: { title: 'Editor', icon: 'file-code', component: EditorPanel },
  start: { title: 'Start', icon: 'home', component: Start },
  callstack: { title: 'Call Stack', icon: 'layers', component: CallStack },
  variables: { title: 'Variables', icon: 'symbol-variable', component: Variables },
  watch: { title: 'Watch', icon: 'eye', component: Watch },
  breakpoints: { title: 'Breakpoints', icon: 'debug-breakpoint-unverified', component: Breakpoints },
  pools: { title: 'Pools', icon: 'database', component: Pools },
  memory: { title: 'Memory', icon: 'file-binary', component: Memory },
  output: { title: 'Output', icon: 'output', component: Output },
  problems: { title: 'Problems', icon: 'warning', component: Problems },
  allocations: { title: 'Allocations', icon: 'symbol-array', component: Allocations },
  locks: { title: 'Locks', icon: 'lock', component: Locks },
  nic: { title: 'NIC', icon: 'circuit-board', component: Nic },
  packets: { title: 'Packets', icon: 'radio-tower', component: Packets },
  events: { title: 'Events', icon: 'history', component: Events },
  configuration: { title: 'Configuration', icon: 'settings', component: Configuration },
  trials: { title: 'Trials', icon: 'beaker', component: Trials },
  report: { title: 'Report', icon: 'checklist', component: Report },
} satisfies Record<string, PanelType>

export type PanelName = keyof typeof PANELS
export const isPanelName = (name: string): name is PanelName => name in PANELS

/** Those that the View menu lists: one of each exists at most. */
export const TOOL_PANELS = (Object.keys(PANELS) as PanelName[]).filter((name) => name !== 'editor' && name !== 'start')
