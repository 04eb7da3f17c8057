import { BUGCHECKS, type BugcheckName } from '../core/kernel/bugcheck'
import { BUGCHECK_TEXTS, type BugcheckCase } from '../core/kernel/bugchecks.table'

const hex = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(2, '0')}`

const caseRow = ([code, { name, meaning, parameters }]: readonly [string, BugcheckCase]): string =>
  `| ${hex(Number(code))} | ${name} | ${meaning} | ${parameters.join(' | ')} |`

function section([name, code]: readonly [string, number]): string {
  const { meaning, parameters, next, cases } = BUGCHECK_TEXTS[name as BugcheckName]
  const rows = parameters.map((text, index) => `| ${index + 1} | ${text} |`)
  return [
    `## ${hex(code)} ${name}`,
    meaning,
    ['| parameter | what it is |', '| ---: | --- |', ...rows].join('\n'),
    ...(cases
      ? [
          [
            '| first parameter | name | what happened | second | third | fourth |',
            '| ---: | --- | --- | --- | --- | --- |',
            ...Object.entries(cases).map(caseRow),
          ].join('\n'),
        ]
      : []),
    `**Where to look:** ${next}`,
  ].join('\n\n')
}

/** The page of docs about the bugchecks that the machine can stop with. */
export function bugchecksMarkdown(): string {
  return [
    '# Bugchecks',
    'What a machine can stop with. The report of a run tells the parameters of a stop with their meaning, where it happened, what is known of the object concerned, the locks that were held, the last events and the violations that led there.',
    ...Object.entries(BUGCHECKS)
      .sort(([, a], [, b]) => a - b)
      .map(section),
  ]
    .join('\n\n')
    .concat('\n')
}
