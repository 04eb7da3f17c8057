/** The NICs of a session, the wire that they are plugged into and what happens there, as a run configuration or a configuration file says it. */
import { z } from 'zod'
import type { NicModel } from '../core/nic/names'
import {
  LINK_SPEEDS,
  MOST_DELAY_NS,
  PERFECT_LINK,
  type LinkChange,
  type LinkOptions,
} from '../core/wire/formats/link-options'
import { MOST_FRAMES, SCENARIO_NAMES } from './scenarios'

/** What each NIC is, for people. */
export const NICS: Readonly<Record<NicModel, string>> = {
  '82540EM': 'Intel 82540EM, gigabit Ethernet, at register level',
  teaching: 'a NIC for first lessons: one page of registers',
}
export const NIC_NAMES = Object.keys(NICS) as readonly NicModel[]
export const MOST_NICS = 8
const LONGEST_RUN_NS = Number.MAX_SAFE_INTEGER

const NICS_TAKE = `a list of at most ${MOST_NICS} of ${NIC_NAMES.map((name) => `"${name}"`).join(', ')}`
const nics = z
  .array(z.enum(NIC_NAMES as [NicModel, ...NicModel[]], { error: NICS_TAKE }), { error: NICS_TAKE })
  .max(MOST_NICS, NICS_TAKE)
const SHARE = 'a share of the frames from 0 to 1'
const share = z.number({ error: SHARE }).min(0, SHARE).max(1, SHARE)
const DELAY = `nanoseconds, a whole number from 0 to ${MOST_DELAY_NS}`
const TIME = 'nanoseconds, a whole number'
const time = z.int({ error: TIME }).min(0, TIME).max(LONGEST_RUN_NS, TIME)
const SPEED = `megabits a second: ${LINK_SPEEDS.join(', ')}`
const link = z
  .strictObject({
    speed: z.literal(LINK_SPEEDS, { error: SPEED }),
    delayNs: z.int({ error: DELAY }).min(0, DELAY).max(MOST_DELAY_NS, DELAY),
    loss: share,
    duplicate: share,
    reorder: share,
    corrupt: share,
    pulls: z.array(z.strictObject({ atNs: time, forNs: time }, { error: 'an object with "atNs" and "forNs"' }), {
      error: 'a list of { "atNs": 0, "forNs": 0 }',
    }),
  })
  .partial()
/** What may change while the machine runs. */
const change = link
  .omit({ pulls: true })
  .extend({ cable: z.boolean({ error: 'true (plugged in) or false (pulled)' }).optional() })
const SCENARIO = `one of ${SCENARIO_NAMES.map((name) => `"${name}"`).join(', ')}`
const scenario = z.enum(SCENARIO_NAMES, { error: SCENARIO })
const FRAMES = `a whole number from 0 (as many as the scenario needs) to ${MOST_FRAMES}`
const frames = z.int({ error: FRAMES }).min(0, FRAMES).max(MOST_FRAMES, FRAMES)
/** Members of a configuration file besides its keywords. */
export const HARDWARE = { nics, link, scenario, frames } as const
export type HardwareMember = keyof typeof HARDWARE
export const HARDWARE_MEMBERS = Object.keys(HARDWARE) as readonly HardwareMember[]

/** What is not said is none, or as PERFECT_LINK has it. */
export interface Hardware {
  readonly nics?: readonly NicModel[]
  readonly link?: Partial<LinkOptions>
  /** What happens to the driver. */
  readonly scenario?: string
  /** Frames of the scenario; 0: as many as it needs. */
  readonly frames?: number
}

export const linkOf = (given: Partial<LinkOptions> | undefined): LinkOptions => ({ ...PERFECT_LINK, ...given })

/** Something that is wrong in a member: where below it, and what it takes instead. */
export interface HardwareIssue {
  readonly path: readonly (string | number)[]
  readonly takes: string
}

export const hardwareIssues = (member: HardwareMember, given: unknown): readonly HardwareIssue[] =>
  issuesOf(HARDWARE[member], given, Object.keys(PERFECT_LINK))
const issuesOf = (schema: z.ZodType, given: unknown, members: readonly string[]): readonly HardwareIssue[] =>
  (schema.safeParse(given).error?.issues ?? []).map((issue) => ({
    path: issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step)),
    takes: issue.code === 'unrecognized_keys' ? members.join(', ') : issue.message,
  }))

/**
 * Hardware that comes from outside, such as from another editor.
 *
 * @throws RangeError whose message names the member and what it takes.
 */
export function checkHardware(given: Hardware | undefined): void {
  for (const member of HARDWARE_MEMBERS) {
    const [issue] = given?.[member] === undefined ? [] : hardwareIssues(member, given[member])
    if (issue) throw new RangeError(`${[member, ...issue.path].join('.')} takes ${issue.takes}`)
  }
}

/**
 * What a front end wants to do to a link while the machine runs.
 *
 * @throws RangeError whose message names the member and what it takes.
 */
export function checkLinkChange(given: unknown): LinkChange {
  const [issue] = issuesOf(change, given, Object.keys(change.shape))
  if (issue) throw new RangeError(`${['change', ...issue.path].join('.')} takes ${issue.takes}`)
  return given as LinkChange
}
