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

/** The frames of each activation, outermost first. What was called without one of its own belongs to the innermost. */
function framesOfActivations(count: number, frames: readonly CallFrame[]): CallFrame[][] {
  const groups = groupFrames(frames).reverse()
  return Array.from({ length: count }, (_unused, index) =>
    index === count - 1 ? groups.slice(index).reverse().flat() : (groups[index] ?? []),
  )
}

/** Threads of a stopped machine, the one that runs first: live activations with their frames, then the CPUs that are idle. */
export function threadsOf(cpus: readonly CpuView[], frames: readonly CallFrame[]): ThreadView[] {
  const activations = cpus
    .flatMap((cpu) => cpu.activations.map((activation) => ({ ...activation, cpu: cpu.cpu })))
    .sort((a, b) => a.index - b.index)
  const theirs = framesOfActivations(activations.length, frames)
  const threads: ThreadView[] = activations.map(({ index, cpu, kind, name, irql }, depth) => ({
    id: index + 1,
    name: `CPU ${cpu}: ${kind} ${name} (${irqlName(irql)})`,
    frames: theirs[depth]!,
  }))
  threads.reverse()
  for (const cpu of cpus)
    if (cpu.activations.length === 0)
      threads.push({ id: IDLE_THREADS + cpu.cpu, name: `CPU ${cpu.cpu}: idle`, frames: [] })
  return threads.length > 0 ? threads : [{ id: 1, name: 'CPU 0', frames: groupFrames(frames)[0] ?? [] }]
}
