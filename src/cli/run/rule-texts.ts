import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

const ruleText = z.object({ name: z.string(), meaning: z.string(), why: z.string(), mend: z.string() })

/** What is said about a rule: what was done, what comes of it on a machine, what to do. */
export type RuleText = Readonly<z.infer<typeof ruleText>>
export type RuleTexts = ReadonlyMap<string, RuleText>

/**
 * Reads rules.json.
 *
 * @param data folder of the derived tables.
 * @throws Error when the file is missing or is not what the build writes.
 */
export function readRuleTexts(data: string): RuleTexts {
  const rows = z.array(ruleText).parse(JSON.parse(readFileSync(path.join(data, 'rules.json'), 'utf8')))
  return new Map(rows.map((row) => [row.name, row]))
}
