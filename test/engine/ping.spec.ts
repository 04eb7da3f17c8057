/** Sessions with NICs in the engine worker, as every front end starts them: what ping prints comes out as it does in process. */
import path from 'node:path'
import { expect, test } from 'vitest'
import type { NicModel } from '../../src/core/nic/names'
import { DapSession } from './dap-session'

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples')
const host = (name: string): RegExp[] => [
  new RegExp(`^${name} is at 02-00-00-00-00-01$`),
  ...[1, 2, 3].map((sequence) => new RegExp(`^64 bytes from ${name}: seq=${sequence} time=\\d+\\.\\d us$`)),
  new RegExp(`^${name}: 3 sent, 3 received$`),
]

async function output(program: string, nics: readonly NicModel[], cpus: number): Promise<readonly string[]> {
  const session = new DapSession()
  try {
    await session.launch('', undefined, {
      program: path.join(EXAMPLES, program),
      overlays: {},
      config: { nics, cpus },
    })
    const report = await session.report()
    expect(report).toMatchObject({ outcome: 'clean', violations: [], leaks: [] })
    return report.output.filter((line) => /^(10\.|fe80|64 bytes)/.test(line))
  } finally {
    session.close()
  }
}

test.each<[program: string, nic: NicModel]>([
  ['21-ping.ts', 'teaching'],
  ['22-ping-ndis5.ts', '82540EM'],
])('%s over %s hears from the peer host, on one CPU and on four', async (program, nic) => {
  const expected = [...host('10\\.0\\.0\\.1'), ...host('fe80::ff:fe00:1')]
  for (const cpus of [1, 4]) {
    const lines = await output(program, [nic], cpus)
    expect(lines).toEqual(expected.map((line) => expect.stringMatching(line) as string))
    expect(await output(program, [nic], cpus)).toEqual(lines)
  }
})
