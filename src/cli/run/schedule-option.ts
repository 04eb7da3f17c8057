import { readFileSync } from 'node:fs'
import path from 'node:path'
import { readTrouble } from '../../host/files/file-trouble'
import { EAGER, NO_DECISION, parseSchedule } from '../../shared/schedule-text'
import { UsageError } from '../io'

const INLINE = /^[\d@+,\s]*$/

function textOf(value: string, cwd: string): string {
  if (INLINE.test(value) || value === NO_DECISION) return value
  try {
    return readFileSync(path.resolve(cwd, value), 'utf8')
  } catch (error) {
    throw new UsageError(
      `--schedule takes decisions such as 340@1,512@0, ${NO_DECISION}, ${EAGER}, or a file of them; ${value} cannot be read: ${readTrouble(error)}`,
    )
  }
}

/**
 * RunConfig.schedule from what stands behind --schedule: itself, or the file that it names.
 *
 * @throws UsageError
 */
export function readSchedule(value: string, cpus: number, cwd: string): string {
  if (value === EAGER) return value
  const text = textOf(value, cwd)
  try {
    parseSchedule(text, cpus)
    return text
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--schedule: ${error.message}`)
    throw error
  }
}
