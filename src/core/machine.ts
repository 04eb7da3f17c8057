import { createKernel, type Environment, type Kernel, type Platform } from './kernel/kernel'
import { MachineStopped } from './kernel/bugcheck'
import { createLateCompletions } from './kernel/late-completions'
import type { Schedule } from './kernel/schedule'
import { DEFAULT_MEMORY_BYTES, WASM_PAGE } from './memory/map'
import type { DeviceFactory } from './nic/device'
import { createBuffers } from './ndis/buffer'
import { createDebugPrint } from './ndis/debug-print'
import { createDescriptorPools, type DescriptorPools } from './ndis/descriptor-pool'
import { createDevices } from './ndis/devices'
import { createDma, type Dma } from './ndis/dma'
import { createDmaMappings } from './ndis/dma-mapping'
import { createDriverLife, type DriverLife } from './ndis/driver'
import { createExecutive, type Executive } from './ndis/executive'
import { joinFunctions, type FunctionTable } from './ndis/function-table'
import { createIoSystem, type IoSystem } from './ndis/io'
import type { IoManager } from './ndis/io-manager'
import type { DriverDataFiles } from './ndis/file'
import { createLockWord } from './ndis/lock-word'
import { createMdls, type Mdls } from './ndis/mdl'
import { createMdlQueries } from './ndis/mdl-query'
import { createMemory } from './ndis/memory'
import { createNetBufferSide, type NetBufferSide } from './ndis/net-buffer-side'
import { createPackets } from './ndis/packet'
import { createPacketChains } from './ndis/packet-chain'
import { createPacketCopy } from './ndis/packet-copy'
import { createPacketOob } from './ndis/packet-oob'
import type { ConfigurationOptions } from './ndis/registry'
import { recordConfiguration } from './ndis/configuration-record'
import type { Receive5 } from './ndis/receive5'
import { createSystemMdls } from './ndis/system-mdl'
import { createEventLog, createRing, noLog } from './trace/log'
import { allocationStackHooks } from './verifier/allocation-stacks'
import { createFaultGate, createFaults, type FaultGate, type FaultInjector } from './verifier/faults'
import type { FaultPlan } from './verifier/fault-plan'
import { dmaFamilies } from './verifier/dma-families'
import { executiveFamilies } from './verifier/executive-families'
import { ioFamilies } from './verifier/io-families'
import { memoryRules } from './verifier/memory'
import { netBufferDataFamilies } from './verifier/net-buffer-data-families'
import { poolWalkRules } from './verifier/pool-walk'
import { packetFamilies } from './verifier/packet-families'
import { packetRules } from './verifier/packets'
import { stackFamilies5 } from './verifier/stacks5'
import { stackFamilies6 } from './verifier/stacks6'
import type { RuleFamily } from './verifier/rules'
import { unwrittenBufferRules } from './verifier/unwritten-buffers'
import { anyRuleOn, levelsOf, type RuleLevels } from './verifier/levels'
import { createCapture, type Capture, type CaptureOptions } from './wire/capture'
import type { LinkOptions } from './wire/formats/link-options'
import { createWiring, type Wiring } from './wire/wiring'

export interface MachineOptions {
  /** Shared memory of the machine, zeroed; a new one of 64 MiB when left out. */
  readonly memory?: WebAssembly.Memory
  /** Event ring; one without a reader when left out. */
  readonly ring?: WebAssembly.Memory
  readonly platform?: Platform
  /** Any integer; the same seed gives the same run. */
  readonly seed?: number
  /** 1 to 8. */
  readonly cpus?: number
  /**
   * What the scheduler decides, in place of the seed's word; that of an earlier run gives the same run. 'eager': as the seed has it, but
   * it looks for trouble: CPUs are held up in the midst of what they do until something happens elsewhere.
   */
  readonly schedule?: Schedule | 'eager'
  /** Keep what the scheduler decides: kernel.schedule. */
  readonly recordSchedule?: boolean
  readonly rules?: boolean
  /** Levels of rules in place of their own ones. */
  readonly levels?: RuleLevels
  readonly log?: boolean
  /** Registry parameters of the instance; none when left out, as if the user had set nothing. */
  readonly configuration?: ConfigurationOptions
  /** Virtual devices on the PCI bus, one a slot: the first adapter gets the first one. None when left out. */
  readonly devices?: readonly DeviceFactory[]
  /** Files that a driver can open with NdisOpenFile, such as firmware, by name; none when left out. */
  readonly files?: DriverDataFiles
  readonly environment?: Partial<Environment>
  /** Where the frames of the NICs go as the blocks of a pcapng file; nothing is captured when left out. */
  readonly capture?: CaptureOptions
  /** Frames that arrive at the first NIC when a scenario begins: EngineWorkerData.inject. */
  readonly inject?: Uint8Array
  /** The links of the NICs; perfect ones when left out. */
  readonly link?: LinkOptions
  /** Faults to inject; none when left out. */
  readonly faults?: FaultPlan
}

/** The emulated computer with NDIS on it. */
export interface Machine {
  readonly kernel: Kernel
  readonly pools: DescriptorPools
  readonly driver: DriverLife
  readonly executive: Executive
  readonly mdls: Mdls
  readonly netBufferSide: NetBufferSide
  /** Bus-master DMA: the send path of NDIS 5 maps packets with it, a NIC asks it what may be reached. */
  readonly dma: Dma
  /** Receive indications of NDIS 3 to 5: adapters are attached to it when they are initialized. */
  readonly receive5: Receive5
  /** An application: it opens the devices of the drivers and makes requests. */
  readonly io: IoManager
  /** Frames that NICs send and receive, when they are captured. */
  readonly capture: Capture | undefined
  /** What the NICs are plugged into. */
  readonly wiring: Wiring
  /** Everything that is implemented, by name. */
  readonly functions: FunctionTable
  /** Empty when the rules are off. */
  readonly rules: readonly RuleFamily[]
  /** Undefined without a plan of faults. */
  readonly faults: FaultInjector | undefined
  readonly options: MachineOptions
}

/** Events that fit in a ring nobody reads; older ones are overwritten, the hash covers all. */
const UNREAD_RING = 4096

const silent: Environment = {
  locator: { stack: () => [], site: () => undefined, definition: () => undefined },
  onOutput: () => undefined,
  onViolation: () => undefined,
  onBugcheck: () => undefined,
}

export const createSharedMemory = (bytes = DEFAULT_MEMORY_BYTES): WebAssembly.Memory => {
  const pages = Math.ceil(bytes / WASM_PAGE)
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
}

function createRules(machine: Omit<Machine, 'rules' | 'faults' | 'options'>, ioSystem: IoSystem): RuleFamily[] {
  const { kernel, pools, driver, executive, mdls, netBufferSide, dma } = machine
  const { adapters } = executive
  return [
    packetRules(kernel, pools),
    ...packetFamilies(kernel, pools, driver, mdls, executive.network),
    ...netBufferDataFamilies(kernel, { pools, mdls, driver, side: netBufferSide }),
    memoryRules(kernel),
    poolWalkRules(kernel, pools, adapters),
    allocationStackHooks(kernel.stacks, kernel.site),
    unwrittenBufferRules(kernel),
    ...dmaFamilies(kernel, { pools, driver, mdls, adapters, dma, chain: netBufferSide.chain }),
    ...executiveFamilies(kernel, driver, executive),
    ...ioFamilies(kernel, driver, ioSystem),
    ...stackFamilies5(kernel, pools, mdls, driver, executive),
    ...stackFamilies6(kernel, pools, driver, executive),
  ]
}

/** The wire, and what listens to it. */
function createWire(kernel: Kernel, options: MachineOptions) {
  const { clock, cpus, log } = kernel
  const { locator } = { ...silent, ...options.environment }
  const capture = options.capture && createCapture({ clock, cpus, log, locator }, options.capture)
  const nics = options.devices?.length ?? 0
  const { link, inject } = options
  return {
    capture,
    wiring: createWiring(kernel, { nics, tap: capture, ...(link && { link }), ...(inject && { inject }) }),
  }
}

function createKernelOf(options: MachineOptions, gate: FaultGate | undefined): Kernel {
  const cpus = options.cpus ?? 1
  const levels = levelsOf(options.levels)
  const seed = options.seed ?? 1
  const late = options.faults && createLateCompletions(options.faults, seed)
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > 8) throw new RangeError(`cpus must be 1 to 8, not ${cpus}`)
  return createKernel({
    memory: options.memory ?? createSharedMemory(),
    platform: options.platform ?? 'nt',
    seed,
    cpus,
    ...(options.schedule && { schedule: options.schedule }),
    recordSchedule: options.recordSchedule ?? false,
    rules: (options.rules ?? true) && anyRuleOn(levels),
    levels,
    log: (options.log ?? true) ? createEventLog(options.ring ?? createRing(UNREAD_RING)) : noLog,
    environment: { ...silent, ...options.environment },
    ...(gate && { gate }),
    ...(late && { late }),
  })
}

/** What injects the faults of a plan, where there is one. */
function createInjector(
  options: MachineOptions,
  gate: FaultGate | undefined,
  { kernel, driver, executive }: Pick<Machine, 'kernel' | 'driver' | 'executive'>,
): FaultInjector | undefined {
  const { faults: plan, seed = 1, environment } = options
  if (!plan || !gate) return undefined
  const { locator, onFault } = { ...silent, ...environment }
  const pull = (): void => executive.bus.removeAll()
  const faults = createFaults(kernel, { plan, seed, gate, locator, pull, onFault })
  if (plan.survey || plan.removeAt !== undefined) driver.passes.push(faults.points.pass)
  return faults
}

/** Builds a machine. Throws RangeError for a CPU count outside 1 to 8. */
export function createMachine(options: MachineOptions = {}): Machine {
  const gate = options.faults && createFaultGate()
  const kernel = createKernelOf(options, gate)
  recordConfiguration(kernel, options.configuration)
  const pools = createDescriptorPools(kernel)
  const driver = createDriverLife(kernel)
  const mdls = createMdls(kernel)
  const mappings = createDmaMappings()
  const lockWord = createLockWord(kernel)
  const deviceObjects = createDevices(kernel)
  const { capture, wiring } = createWire(kernel, options)
  const executive = createExecutive(kernel, { driver, mdls, pools, mappings, wiring, lockWord, deviceObjects }, options)
  const others = executive.routines.callbacks.references
  const ioSystem = createIoSystem(kernel, { driver, devices: deviceObjects, lockWord, mdls, others })
  const { receive5 } = executive.network
  const netBufferSide = createNetBufferSide(kernel, pools, mdls, driver)
  const dma = createDma(kernel, executive, { driver, mdls, mappings })
  const functions = joinFunctions(
    createPackets(kernel, pools),
    createPacketChains(kernel, mdls),
    createPacketCopy(kernel, mdls),
    createPacketOob(kernel, pools),
    createBuffers(kernel, pools, mdls),
    createMdlQueries(kernel, mdls),
    createSystemMdls(kernel, pools, mdls),
    netBufferSide.functions,
    receive5.functions,
    createMemory(kernel),
    dma.functions,
    executive.functions,
    ioSystem.functions,
    createDebugPrint(kernel),
  )
  executive.routines.routineAddresses.publish(functions)
  const parts = {
    kernel,
    pools,
    driver,
    executive,
    mdls,
    netBufferSide,
    dma,
    receive5,
    capture,
    io: ioSystem.manager,
    wiring,
    functions,
  }
  const rules = kernel.verifier.enabled ? createRules(parts, ioSystem) : []
  for (const { activationEnded, unloaded } of rules) {
    if (activationEnded) kernel.activationEnded.push(activationEnded)
    if (unloaded) driver.addPart({ unloaded })
  }
  return { ...parts, rules, options, faults: createInjector(options, gate, parts) }
}

export { MachineStopped }
