import { describe, expect, it } from 'vitest'
import { DEFAULT_RUN_CONFIG } from '../../src/shared/engine'
import { loadDriver } from '../../src/lib'
import { FILES } from './matrix'
import { handlesAll, sweepOf, unhandled } from './sweeps'

describe('each allocation fails once', () => {
  handlesAll('18-82540em-ndis6.ts', 'allocations', 'default', 20)
  handlesAll('18-82540em-ndis6.ts', 'allocations', 'echo', 21)
  handlesAll('19-82540em-ndis5.ts', 'allocations', 'echo', 17)
  handlesAll('20-teaching-nic.ts', 'allocations', 'echo', 10)
  handlesAll('10-configuration.ts', 'allocations', 'lifecycle', 4)
  handlesAll('11-ndis6-miniport.ts', 'allocations', 'lifecycle', 8)
  handlesAll('12-ndis6-protocol.ts', 'allocations', 'lifecycle', 10)
  handlesAll('13-ndis6-filter.ts', 'allocations', 'lifecycle', 2)
  handlesAll('14-ndis6-stack.ts', 'allocations', 'lifecycle', 20)
  handlesAll('15-ndis5-miniport.ts', 'allocations', 'lifecycle', 6)
  handlesAll('16-ndis5-protocol.ts', 'allocations', 'lifecycle', 18)
  handlesAll('17-ndis5-stack.ts', 'allocations', 'lifecycle', 22)
  handlesAll('21-ping.ts', 'allocations', 'lifecycle', 14)
  handlesAll('22-ping-ndis5.ts', 'allocations', 'lifecycle', 20)
})

describe('what a sweep finds', () => {
  const faulty = 'bugs/03-leak-on-error-path.ts'
  const mended = 'bugs/03-leak-on-error-path.mended.ts'

  it('the leak of an error path that a plain run takes, without any fault', async () => {
    const { plain } = await sweepOf(faulty, 'allocations', 'default')
    expect(plain).toMatchObject({ outcome: 'leaked', leaks: [{ kind: 'pool memory', count: 1 }] })
    expect(unhandled(await sweepOf(mended, 'allocations', 'default'))).toEqual([])
  })

  it('the leak of an error path that no plain run takes', async () => {
    // A ring that there is room for: the driver looks well.
    const smaller = (file: string) => ({ ...FILES, [file]: FILES[file]!.replace('0x4000_0000', '0x1000') })
    const { plain, rows } = await sweepOf(faulty, 'allocations', 'default', {}, smaller(faulty))
    expect(plain.outcome).toBe('handled')
    const found = rows.filter(({ outcome }) => outcome !== 'handled')
    expect(found).toMatchObject([
      { function: 'NdisAllocateMemoryWithTagPriority', outcome: 'leaked', rules: ['DV:LeakAtUnload'] },
    ])
    // Its row says how to see it again.
    const again = loadDriver(smaller(faulty), { ...DEFAULT_RUN_CONFIG, entry: faulty, faults: found[0]!.faults }).run()
    expect(again).toMatchObject({ leaks: [{ count: 1 }], faults: [{ key: found[0]!.key }] })
    expect(unhandled(await sweepOf(mended, 'allocations', 'default', {}, smaller(mended)))).toEqual([])
  })

  it('call stacks that only a failure leads to, and a bugcheck of one', async () => {
    const source = `
      import { NdisAllocateMemoryWithTagPriority, NdisFreeMemory, ULONG } from 'ndis'
      const small = () => NdisAllocateMemoryWithTagPriority(0, 16, 0x31746553, 0)
      const large = () => NdisAllocateMemoryWithTagPriority(0, 1600, 0x31746553, 0)
      export function DriverEntry() {
        let p = large()
        if (p === 0) p = small()
        ULONG.at(p).value = 1
        NdisFreeMemory(p, 0, 0)
        return 0
      }`
    const { rows, runs } = await sweepOf('d.ts', 'allocations', 'default', {}, { 'd.ts': source })
    const [first, second] = rows
    expect(runs).toBe(3)
    expect([first!.stack[0]!.function, first!.outcome]).toEqual(['large', 'handled'])
    expect([second!.stack[0]!.function, second!.outcome]).toEqual(['small', 'crashed'])
    expect(second!.option).toBe(`--fail-alloc stack:${first!.key}+${second!.key}`)
    expect(second!.message).toMatch(/^PAGE_FAULT_IN_NONPAGED_AREA: /)
  })
})
