import type { CallFrame } from '../cdp/protocol'
import type { CpuView } from '../../shared/views'

export const DRIVER_URL = 'driver:///'
export const isDriverFrame = (frame: CallFrame): boolean => frame.url.startsWith(DRIVER_URL)

/** Driver frames that belong together: what one activation runs. Innermost group first, innermost frame first. */
export function groupFrames(frames: readonly CallFrame[]): CallFrame[][] {
  const groups: CallFrame[][] = []
  let open = false
  for (const frame of frames) {
    if (!isDriverFrame(frame)) open = false
    else if (open) groups.at(-1)!.push(frame)
    else {
      groups.push([frame])
      open = true
    }
  }
  return groups
}

export interface ThreadView {
  readonly id: number
  readonly name: string
  readonly frames: readonly CallFrame[]
}

/** Ids of idle CPUs are apart from those of activations, which are their index plus one. */
const IDLE_THREADS = 1000
const irqlName = (irql: number): string => ['PASSIVE_LEVEL', 'APC_LEVEL', 'DISPATCH_LEVEL'][irql] ?? `DIRQL ${irql}`

/** Threads of a stopped machine: each live activation with its frames, then the CPUs that are idle. */
export function threadsOf(cpus: readonly CpuView[], frames: readonly CallFrame[]): ThreadView[] {
  const groups = groupFrames(frames)
  const activations = cpus
    .flatMap((cpu) => cpu.activations.map((activation) => ({ ...activation, cpu: cpu.cpu })))
    .sort((a, b) => b.index - a.index)
  const threads: ThreadView[] = activations.map((activation, depth) => ({
    id: activation.index + 1,
    name: `CPU ${activation.cpu}: ${activation.kind} ${activation.name} (${irqlName(activation.irql)})`,
    frames: groups[depth] ?? [],
  }))
  for (const cpu of cpus)
    if (cpu.activations.length === 0)
      threads.push({ id: IDLE_THREADS + cpu.cpu, name: `CPU ${cpu.cpu}: idle`, frames: [] })
  return threads.length > 0 ? threads : [{ id: 1, name: 'CPU 0', frames: groups[0] ?? [] }]
}
