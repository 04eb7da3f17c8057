/**
 * Configuration of an instance: the keywords that a driver reads with NdisReadConfiguration. They stand in a JSON file
 * beside the script, `driver.config.json` for `driver.ts`, with the NICs that the driver is for (see hardware.ts):
 *
 *     { "keywords": { "NetworkAddress": "02-00-00-00-00-01",
 *                     "RingSize": { "type": "dword", "value": 64, "default": 64, "min": 16, "max": 4096 } } }
 */
import { z } from 'zod'
import type { RegistryValueOption } from '../core/ndis/registry'
import { HARDWARE } from './hardware'
import { LEVEL_NAMES } from './rule-levels'

/** A value as the engine takes it: REG_DWORD, REG_SZ, REG_MULTI_SZ, or REG_BINARY as bytes. */
export type KeywordValue = RegistryValueOption
/** Names are compared without regard to case. */
export type Keywords = Readonly<Record<string, KeywordValue>>

export const KEYWORD_TYPES = ['dword', 'string', 'multi-string', 'binary'] as const
export type KeywordType = (typeof KEYWORD_TYPES)[number]

/** One keyword of the file. */
export interface Keyword {
  readonly name: string
  readonly type: KeywordType
  /** The instance has this one; when it is left out, `default`; without either the keyword is not set. */
  readonly value?: KeywordValue
  readonly default?: KeywordValue
  /** Of a dword: least and largest value, both included. */
  readonly min?: number
  readonly max?: number
  readonly label?: string
}

/** Members that an entry in the long form may have. */
export const KEYWORD_MEMBERS = ['type', 'value', 'default', 'min', 'max', 'label'] as const
export type KeywordMember = (typeof KEYWORD_MEMBERS)[number]

const LEAST = -0x8000_0000
const LARGEST = 0xffff_ffff
/** Characters. */
const LONGEST_NAME = 255
const LONGEST_TEXT = 32_000
const BYTES = /^\s*(?:[0-9a-f]{2}(?:[\s:-]*[0-9a-f]{2})*)?\s*$/i

/** What a part takes, as the rest of the sentence "RingSize.value takes ...". */
export const TAKES = {
  dword: `a whole number from ${LEAST} to ${LARGEST}`,
  string: `a text of at most ${LONGEST_TEXT} characters`,
  'multi-string': 'a list of texts',
  binary: 'bytes as pairs of hexadecimal digits in one text: "02 00 ff"',
} as const satisfies Record<KeywordType, string>

const dword = z.int({ error: TAKES.dword }).min(LEAST, TAKES.dword).max(LARGEST, TAKES.dword)
const string = z.string({ error: TAKES.string }).max(LONGEST_TEXT, TAKES.string)
const texts = z.array(string, { error: TAKES['multi-string'] })
const bytes = z
  .string({ error: TAKES.binary })
  .max(3 * LONGEST_TEXT, TAKES.binary)
  .regex(BYTES, TAKES.binary)

const entry = <T extends KeywordType, V extends z.ZodType>(type: T, value: V) =>
  z.strictObject({
    type: z.literal(type),
    value: value.optional(),
    default: value.optional(),
    label: string.optional(),
  })

const number = entry('dword', dword)
  .extend({ min: dword.optional(), max: dword.optional() })
  .check((context) => {
    const { min = LEAST, max = LARGEST } = context.value
    if (min > max)
      context.issues.push({ code: 'custom', input: min, path: ['min'], message: `a number up to max, ${max}` })
    for (const member of ['value', 'default'] as const) {
      const input = context.value[member]
      if (input === undefined || (input >= min && input <= max)) continue
      context.issues.push({ code: 'custom', input, path: [member], message: `a number from ${min} to ${max}` })
    }
  })
const long = z.discriminatedUnion(
  'type',
  [number, entry('string', string), entry('multi-string', texts), entry('binary', bytes)],
  { error: `one of ${KEYWORD_TYPES.join(', ')}` },
)
const keyword = z.union([dword, string, texts, long])
export const keywordName = z
  .string()
  .min(1)
  .max(LONGEST_NAME)
  .regex(/^[^\p{Cc}]*$/u)
  .regex(/^\S(?:.*\S)?$/u)

/** The file, for editors that check JSON by a schema. */
export const configurationSchema = z.strictObject({
  $schema: z.string().optional(),
  keywords: z.record(z.string(), keyword).optional(),
  nics: HARDWARE.nics.optional(),
  link: HARDWARE.link.optional(),
  scenario: HARDWARE.scenario.optional(),
  frames: HARDWARE.frames.optional(),
  rules: z.record(z.string(), z.enum(LEVEL_NAMES)).optional(),
})

type Long = z.infer<typeof long>

/** Bytes of a text of hexadecimal pairs that fits BYTES. */
const bytesOf = (text: string): KeywordValue => ({
  binary: (text.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => parseInt(pair, 16)),
})

function fromLong(name: string, given: Long): Keyword {
  const { type, label } = given
  const convert = (value: number | string | string[]): KeywordValue =>
    type === 'binary' && typeof value === 'string' ? bytesOf(value) : value
  return {
    name,
    type,
    ...(given.value !== undefined && { value: convert(given.value) }),
    ...(given.default !== undefined && { default: convert(given.default) }),
    ...('min' in given && given.min !== undefined && { min: given.min }),
    ...('max' in given && given.max !== undefined && { max: given.max }),
    ...(label !== undefined && { label }),
  }
}

/** The part of the schema that the writer must have meant, so that what is said about it is to the point. */
function meant(given: unknown) {
  if (typeof given === 'number') return { type: 'dword', schema: dword } as const
  if (typeof given === 'string') return { type: 'string', schema: string } as const
  if (Array.isArray(given)) return { type: 'multi-string', schema: texts } as const
  return undefined
}

/** Something that is wrong in an entry: where, below the entry, and what it takes instead. */
export interface EntryIssue {
  readonly path: readonly string[]
  /** Members that there are none of; `takes` then lists those that there are. */
  readonly unknown?: readonly string[]
  /** It is the name of the entry that is wrong. */
  readonly isName?: true
  readonly takes: string
}

/** Members by type: only numbers have a range. */
const membersOf = (type: unknown): readonly string[] =>
  KEYWORD_MEMBERS.filter((member) => type === 'dword' || (member !== 'min' && member !== 'max'))

const issuesOf = (error: z.ZodError, type?: unknown): EntryIssue[] =>
  error.issues.map((issue) => ({
    path: issue.path.map(String),
    takes: issue.message,
    ...(issue.code === 'unrecognized_keys' && { unknown: issue.keys, takes: membersOf(type).join(', ') }),
  }))

/** One entry of the file as it comes out of JSON. */
export function readKeyword(name: string, given: unknown): Keyword | readonly EntryIssue[] {
  if (!keywordName.safeParse(name).success)
    return [{ path: [], isName: true, takes: `1 to ${LONGEST_NAME} characters, without blanks around them` }]
  const short = meant(given)
  if (short) {
    const { success, data, error } = short.schema.safeParse(given)
    return success ? { name, type: short.type, value: data } : issuesOf(error)
  }
  if (typeof given !== 'object' || given === null)
    return [{ path: [], takes: 'a number, a text, a list of texts, or an object with "type" and "value"' }]
  const { success, data, error } = long.safeParse(given)
  return success ? fromLong(name, data) : issuesOf(error, (given as { readonly type?: unknown }).type)
}

/** What a driver finds: values, and defaults where there is no value. */
export const valuesOf = (keywords: readonly Keyword[]): Keywords =>
  Object.fromEntries(
    keywords.flatMap(({ name, value, default: otherwise }) => {
      const present = value ?? otherwise
      return present === undefined ? [] : [[name, present]]
    }),
  )

/** `over` wins over `under`, whatever the case of its names. */
export function overrideKeywords(under: Keywords, over: Keywords): Keywords {
  const replaced = new Set(Object.keys(over).map((name) => name.toUpperCase()))
  const kept = Object.entries(under).filter(([name]) => !replaced.has(name.toUpperCase()))
  return Object.fromEntries([...kept, ...Object.entries(over)])
}

const value = z.union([dword, string, texts, z.strictObject({ binary: z.array(z.int().min(0).max(0xff)) })])

/**
 * Keywords that come from outside, such as from another editor.
 *
 * @throws RangeError whose message names the keyword and what it takes.
 */
export function checkKeywords(given: unknown): Keywords {
  if (given === undefined) return {}
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new RangeError('keywords takes an object: { "RingSize": 64 }')
  for (const [name, each] of Object.entries(given)) {
    if (keywordName.safeParse(name).success && value.safeParse(each).success) continue
    throw new RangeError(
      `keyword ${JSON.stringify(name)} takes ${TAKES.dword}, a text, a list of texts, or { "binary": [bytes] }`,
    )
  }
  return given as Keywords
}

/** `driver.ts` -> `driver.config.json`; the same for whole paths. */
export const configurationName = (script: string): string => script.replace(/\.ts$/, '') + CONFIGURATION_SUFFIX
export const CONFIGURATION_SUFFIX = '.config.json'
