/** Declarations of functions, macros and callbacks with what a hover shows. */
import { API, type ApiEntry } from '../../core/ndis/api'
import { HELPER_NAMES } from '../interface'
import { signature } from './type-text'

const IRQL_TEXT: Readonly<Record<string, string>> = { any: 'any' }

const versionsText = ({ min, max }: ApiEntry['versions']): string =>
  max === undefined ? `since NDIS ${min}` : `NDIS ${min} to ${max}`

/** 'IRQL <= DISPATCH_LEVEL · NDIS 3.0 to 5.2 · macro of ndis.h'. */
function facts(entry: ApiEntry): string {
  const irql = entry.irql === null ? [] : [`IRQL ${IRQL_TEXT[entry.irql] ?? entry.irql.replace(/^([<>]=?)/, '$1 ')}`]
  return [...irql, versionsText(entry.versions), `${entry.kind} of ${entry.header}`].join(' · ')
}

const LOCK_RULE: Readonly<Record<string, string>> = {
  ce: 'On platform ce the caller must hold no spin lock.',
  always: 'The caller must hold no spin lock.',
}

const DIRECTION: Readonly<Record<string, string>> = { in: '', out: 'out ', inout: 'in, out ' }

function paragraphs(entry: ApiEntry, implemented: boolean): readonly string[] {
  return [
    entry.summary,
    facts(entry),
    ...(entry.noSpinLock === undefined ? [] : [LOCK_RULE[entry.noSpinLock] ?? '']),
    ...(entry.rules.length === 0 ? [] : [`Rules: ${entry.rules.join(', ')}`]),
    ...(implemented ? [] : ['Not emulated yet: a call stops the run and says so.']),
    `Source: ${entry.source}`,
  ]
}

function jsdoc(entry: ApiEntry, implemented: boolean): string {
  const params = entry.params
    .filter((param) => param.type !== '...')
    .map(
      (param) =>
        `@param ${param.name} ${DIRECTION[param.direction] ?? ''}\`${param.type}\`${param.optional ? ', may be NULL' : ''}`,
    )
  const returns = entry.returns === 'VOID' ? [] : [`@returns \`${entry.returns}\``]
  const lines = [...paragraphs(entry, implemented).join('\n\n').split('\n'), ...params, ...returns]
  return ['/**', ...lines.map((line) => (line === '' ? ' *' : ` * ${line}`)), ' */'].join('\n')
}

const helpers: ReadonlySet<string> = new Set(HELPER_NAMES)

/**
 * Declarations of everything callable.
 *
 * @param implemented names of the functions that this product emulates; undefined: do not say.
 */
export function functionDeclarations(implemented?: ReadonlySet<string>): string {
  const known = (entry: ApiEntry): boolean => implemented === undefined || implemented.has(entry.name)
  return API.filter((entry) => entry.kind !== 'callback' && !helpers.has(entry.name))
    .map((entry) => {
      const { params, result } = signature(entry)
      return `${jsdoc(entry, known(entry))}\nexport function ${entry.name}(${params}): ${result}`
    })
    .join('\n')
}

/** Types of the functions that a driver registers, named as in the API table. */
export function callbackDeclarations(): string {
  return API.filter((entry) => entry.kind === 'callback')
    .map((entry) => {
      const { params, result } = signature(entry)
      return `${jsdoc(entry, true)}\nexport type ${entry.name} = (${params}) => ${result}`
    })
    .join('\n')
}
