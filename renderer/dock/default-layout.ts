/** Explorer and examples left, editor in the middle, the stopped machine right, tables below. */
import type { AddPanelOptions, DockviewApi } from 'dockview-core'
import type { PanelName } from './panels'

interface Place {
  readonly name: PanelName
  readonly title: string
  readonly position?: AddPanelOptions['position']
  readonly width?: number
  readonly height?: number
}

const LEFT_WIDTH = 0.155
const RIGHT_WIDTH = 0.25
const BOTTOM_HEIGHT = 0.36

const within = (referencePanel: string): AddPanelOptions['position'] => ({ referencePanel, direction: 'within' })

/** Order matters: each is placed relative to one before it. Sizes are in pixels of the window as it is now. */
const places = (width: number, height: number): Place[] => [
  { name: 'start', title: 'Start' },
  { name: 'variables', title: 'Variables', position: { direction: 'right' }, width: width * RIGHT_WIDTH },
  {
    name: 'pools',
    title: 'Pools',
    position: { referencePanel: 'start', direction: 'below' },
    height: height * BOTTOM_HEIGHT,
  },
  {
    name: 'explorer',
    title: 'Explorer',
    position: { referencePanel: 'start', direction: 'left' },
    width: width * LEFT_WIDTH,
  },
  {
    name: 'examples',
    title: 'Examples',
    position: { referencePanel: 'explorer', direction: 'below' },
    height: height * 0.36,
  },
  { name: 'memory', title: 'Memory', position: within('pools') },
  { name: 'output', title: 'Output', position: within('pools') },
  { name: 'problems', title: 'Problems', position: within('pools') },
  { name: 'allocations', title: 'Allocations', position: within('pools') },
  { name: 'locks', title: 'Locks', position: within('pools') },
  { name: 'nic', title: 'NIC', position: within('pools') },
  { name: 'packets', title: 'Packets', position: within('pools') },
  { name: 'events', title: 'Events', position: within('pools') },
  { name: 'trials', title: 'Trials', position: within('pools') },
  { name: 'report', title: 'Report', position: within('pools') },
  { name: 'configuration', title: 'Configuration', position: within('pools') },
  { name: 'watch', title: 'Watch', position: within('variables') },
  {
    name: 'callstack',
    title: 'Call Stack',
    position: { referencePanel: 'variables', direction: 'below' },
    height: height * 0.6,
  },
  {
    name: 'breakpoints',
    title: 'Breakpoints',
    position: { referencePanel: 'callstack', direction: 'below' },
    height: height * 0.3,
  },
]

export function buildDefaultLayout(api: DockviewApi): void {
  api.clear()
  for (const { name, title, position, width, height } of places(api.width, api.height)) {
    api.addPanel({
      id: name,
      component: name,
      title,
      inactive: true,
      ...(position ? { position } : {}),
      ...(width ? { initialWidth: Math.round(width) } : {}),
      ...(height ? { initialHeight: Math.round(height) } : {}),
    } as AddPanelOptions)
  }
  for (const name of ['pools', 'variables']) api.getPanel(name)?.api.setActive()
}
