import { parseArgs, type ParseArgsConfig } from 'node:util'
import { UsageError } from './io'

type Options = NonNullable<ParseArgsConfig['options']>

/**
 * node:util's parseArgs with answers for people.
 *
 * @param command named in the answer, so that the reader knows which --help to ask.
 * @throws UsageError
 */
export function parseCommandLine<const T extends Options>(command: string, args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(`${explain(error as NodeJS.ErrnoException)}; see ndis-workbench ${command} --help`)
  }
}

function explain(error: NodeJS.ErrnoException): string {
  const option = /'(-{1,2}[\w-]+)/.exec(error.message)?.[1] ?? ''
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `unknown option ${option}`
  if (error.message.includes('does not take an argument')) return `${option} takes no value`
  if (error.message.includes('argument missing')) return `${option} needs a value`
  return error.message
}

/**
 * @returns the number, or `fallback` where the option was not given.
 * @throws UsageError unless it is a whole number from `min` to `max`.
 */
export function wholeNumber(
  option: string,
  text: string | undefined,
  { min, max, fallback }: { min: number; max: number; fallback: number },
): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw new UsageError(`${option} takes a whole number from ${min} to ${max}, not '${text}'`)
}

/** @throws UsageError unless `text` is one of `allowed`. */
export function oneOf<const T extends string>(
  option: string,
  text: string | undefined,
  allowed: readonly T[],
  fallback: NoInfer<T>,
): T {
  if (text === undefined) return fallback
  const found = allowed.find((value) => value === text)
  if (found === undefined) throw new UsageError(`${option} takes ${allowed.join(' or ')}, not '${text}'`)
  return found
}
