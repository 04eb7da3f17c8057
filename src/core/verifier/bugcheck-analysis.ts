import type { Bugcheck } from '../kernel/bugcheck'
import { bugcheckText, type BugcheckText } from '../kernel/bugchecks.table'
import { irqlName } from '../kernel/irql'
import type { BugcheckPlace, Kernel } from '../kernel/kernel'
import { NULL_END } from '../memory/map'
import { SYS_ACTIVATION, SYS_LOCK } from '../memory/records'
import { EVENT, PHASE, type LoggedEvent } from '../trace/log'
import { hex, tagText } from './hex'
import type { AnalysisLine, AnalysisSection, BugcheckAnalysis, BugcheckParameter } from './story'
import { objectText, placeText } from './touched-object'
import type { Place } from './verifier'

/** Events of the CPU, and violations, that are told. */
const TOLD_EVENTS = 12
const TOLD_VIOLATIONS = 8
/** Events that are looked through for those of the CPU. */
const LOOKED_THROUGH = 200
const UNKNOWN = 'not documented'

interface Parts {
  readonly kernel: Kernel
  readonly site: (number: number) => Place | undefined
  /** Name of a function of the interface by its number. */
  readonly apiName: (number: number) => string
}

const line = (text: string, place?: Place): AnalysisLine => ({ text, ...(place?.file && { place: plain(place) }) })
/** A call site knows more than its place. */
const plain = ({ function: name, file, line: row, column }: Place): Place => ({
  function: name,
  file,
  line: row,
  column,
})

/** The four parameters, each with what it stands for in this case. */
function parametersOf(bugcheck: Bugcheck, text: BugcheckText | undefined): BugcheckAnalysis['parameters'] {
  const [p1, p2, p3, p4] = bugcheck.parameters
  const special = text?.cases?.[p1]
  const [m1, m2, m3, m4] = text?.parameters ?? [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]
  const [s2, s3, s4] = special?.parameters ?? [m2, m3, m4]
  const one = (value: number, meaning: string): BugcheckParameter => ({ value, meaning })
  return [one(p1, special ? `${m1}: ${special.name}` : m1), one(p2, s2), one(p3, s3), one(p4, s4)]
}

function what(bugcheck: Bugcheck, text: BugcheckText | undefined): AnalysisLine[] {
  const special = text?.cases?.[bugcheck.parameters[0]]
  return [bugcheck.message, text?.meaning, special?.meaning].flatMap((sentence) => (sentence ? [line(sentence)] : []))
}

/** The callbacks that run, innermost first, and where the innermost one is. */
function where({ cpus }: Kernel, { stack }: BugcheckPlace): AnalysisLine[] {
  const frames = stack.map((place, depth) =>
    line(`${depth === 0 ? 'in' : 'called from'} ${place.function || 'the module'}`, place),
  )
  const running = Array.from({ length: cpus.depth() }, (_activation, i) => cpus.depth() - 1 - i).map((index) => {
    const irql = cpus.activation(index, SYS_ACTIVATION.Irql)
    return line(
      `on CPU ${cpus.activation(index, SYS_ACTIVATION.Cpu)}: ${cpus.nameOf(index)}, entered at ${irqlName(irql)}`,
    )
  })
  return [...frames, ...running]
}

function irqls({ cpus }: Kernel, place: BugcheckPlace): AnalysisLine[] {
  return Array.from({ length: cpus.count }, (_cpu, cpu) => {
    const here = cpu === place.cpu
    const irql = here ? place.irql : cpus.irqlOf(cpu)
    return line(`CPU ${cpu} is at ${irqlName(irql)}${here ? '; this is the CPU that stopped' : ''}`)
  })
}

function locks({ locks: registry }: Kernel, site: Parts['site']): AnalysisLine[] {
  return [...registry.held].reverse().map((record) => {
    const get = (field: number): number => registry.get(record, field)
    return line(
      `CPU ${get(SYS_LOCK.OwnerCpu)} holds the lock at ${hex(get(SYS_LOCK.Address))}, acquired`,
      site(get(SYS_LOCK.AcquireSite)),
    )
  })
}

/** What is known of one parameter as an address: a lock, a block, a descriptor, an object behind a handle. */
function addressed(k: Kernel, site: Parts['site'], address: number): AnalysisLine[] {
  const lines: AnalysisLine[] = []
  const history = (allocated: number, freed: number): AnalysisLine[] => [
    ...(allocated ? [line('it was allocated', site(allocated))] : []),
    ...(freed ? [line('it was freed', site(freed))] : []),
  ]
  const lock = k.locks.find(address)
  if (lock !== 0)
    lines.push(
      line(
        `${hex(address)} is a lock: acquisitions ${k.locks.get(lock, SYS_LOCK.Acquires)}, releases ${k.locks.get(lock, SYS_LOCK.Releases)}; initialized`,
        site(k.locks.get(lock, SYS_LOCK.InitSite)),
      ),
      ...(k.locks.get(lock, SYS_LOCK.AcquireSite)
        ? [line('it was acquired last', site(k.locks.get(lock, SYS_LOCK.AcquireSite)))]
        : []),
    )
  const object = k.objects.at(address)
  if (object)
    return [
      ...lines,
      line(`${hex(address)} is the handle of a live ${object.kind}, tag '${tagText(object.tag)}'`),
      ...history(object.allocated, 0),
    ]
  const found = k.finder.at(address)
  if (!found) return lines
  const state = found.live ? 'live' : found.freed ? 'freed' : 'never allocated'
  const at = address === found.address ? objectText(found) : placeText(found, address)
  return [...lines, line(`${hex(address)} is ${at}, which is ${state}`), ...history(found.allocated, found.freed)]
}

const PHASE_TEXT: Readonly<Record<number, string>> = {
  [PHASE.ENTER]: 'enters',
  [PHASE.RETURN]: 'returns from',
  [PHASE.CALLBACK_ENTER]: 'NDIS calls',
  [PHASE.CALLBACK_RETURN]: 'the driver returns from',
}

function events({ kernel, site, apiName }: Parts, cpu: number): AnalysisLine[] {
  const notable = ({ number, ...event }: LoggedEvent): boolean => event.cpu === cpu && number < EVENT.VIOLATION
  const told = kernel.log.recent(LOOKED_THROUGH).filter(notable).slice(-TOLD_EVENTS)
  return told.map((event) => {
    const verb = PHASE_TEXT[event.phase]
    const name = apiName(event.number)
    return line(`${verb ? `${verb} ${name}` : name} at ${irqlName(event.irql)}`, site(event.site))
  })
}

function violations({ verifier }: Kernel): AnalysisLine[] {
  const all = verifier.violations
  const told = all.slice(-TOLD_VIOLATIONS)
  const more = all.length - told.length
  return [
    ...(more > 0 ? [line(`${more} before these`)] : []),
    ...told.map((violation) => line(`${violation.rule}: ${violation.message}`, violation)),
  ]
}

function next(k: Kernel, bugcheck: Bugcheck, text: BugcheckText | undefined): AnalysisLine[] {
  const [p1] = bugcheck.parameters
  const isAccess = /PAGE_FAULT|DRIVER_IRQL_NOT_LESS/.test(bugcheck.name)
  const freed = bugcheck.parameters.some((value) => k.finder.at(value)?.freed)
  return [
    ...(isAccess && p1 < NULL_END
      ? [line(`The address ${hex(p1)} is small: a NULL pointer was followed, and this is the offset of the member.`)]
      : []),
    ...(freed
      ? [line('A parameter lies in freed memory: begin with who freed it, and who still had the pointer.')]
      : []),
    ...(k.verifier.violations.length > 0
      ? [line('A rule was broken before: mend the first violation first, the bugcheck may be what came of it.')]
      : []),
    ...(text ? [line(text.next)] : [line('The driver chose this code itself: see its call of KeBugCheckEx.')]),
  ]
}

/** What can be said about a bugcheck at the moment it happens. Sections that have nothing to say are left out. */
export function createBugcheckAnalysis(parts: Parts) {
  const { kernel, site } = parts
  return (bugcheck: Bugcheck, place: BugcheckPlace): BugcheckAnalysis => {
    const text = bugcheckText(bugcheck.name)
    const addresses = [...new Set(bugcheck.parameters)].filter((value) => value >= NULL_END)
    const sections: readonly AnalysisSection[] = [
      { id: 'what', title: 'What happened', lines: what(bugcheck, text) },
      { id: 'where', title: 'Where', lines: where(kernel, place) },
      { id: 'irql', title: 'IRQL', lines: irqls(kernel, place) },
      {
        id: 'object',
        title: 'The object concerned',
        lines: addresses.flatMap((address) => addressed(kernel, site, address)),
      },
      { id: 'locks', title: 'Locks that are held', lines: locks(kernel, site) },
      { id: 'violations', title: 'Violations that led here', lines: violations(kernel) },
      { id: 'events', title: `Last events on CPU ${place.cpu}`, lines: events(parts, place.cpu) },
      { id: 'next', title: 'What to look at next', lines: next(kernel, bugcheck, text) },
    ]
    return { parameters: parametersOf(bugcheck, text), sections: sections.filter(({ lines }) => lines.length > 0) }
  }
}
