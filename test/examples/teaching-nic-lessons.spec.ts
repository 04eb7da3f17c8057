/** What docs/teaching-nic.md says of mistakes: each one is made in the example, and named at the line that made it. */
import { describe, expect, test } from 'vitest'
import { createTeachingNic } from '../../src/core/nic/teaching/teaching-nic'
import { loadDriver } from '../../src/lib'
import { Engine } from '../../src/script/engine'
import { tables } from '../../src/script/tables'
import { DEFAULT_RUN_CONFIG } from '../../src/shared/engine'
import { FILES, findings } from './matrix'

const ENTRY = '20-teaching-nic.ts'
const RINGS = 'teaching-nic/rings.ts'
const REGISTERS = 'teaching-nic/registers.ts'
const MEMORY_BYTES = 4 * 1024 * 1024

/** The example with a piece of one file replaced. */
function broken(file: string, piece: string, by: string): Record<string, string> {
  expect(FILES[file]).toContain(piece)
  return { ...FILES, [file]: FILES[file]!.replace(piece, by) }
}
/** Which rules it breaks in the echo scenario, and where: names of rules and files. */
function seen(files: Record<string, string>): string[] {
  const options = { entry: ENTRY, nics: ['teaching'] as const, scenario: 'echo', frames: 32, memoryBytes: MEMORY_BYTES }
  const { violations, error } = loadDriver(files, options).run()
  expect(error).toBeUndefined()
  return [...new Set(violations.map(({ rule, file }) => `${rule} in ${file}`))]
}

describe('mistakes', () => {
  test.each([
    ['a ring that is not aligned (3.1)', RINGS, 'Number(-SharedAt & 15n)', '8', [`NicRingBase in ${REGISTERS}`]],
    [
      'a ring that is too long (3.1)',
      RINGS,
      'write(REGISTER.SEND_COUNT, DESCRIPTORS)',
      'write(REGISTER.SEND_COUNT, 257)',
      [`NicRingLength in ${REGISTERS}`],
    ],
    [
      'a ring register that is written while the device runs (3.1)',
      ENTRY,
      'write(REGISTER.CONTROL, CONTROL.RUN)\n',
      'write(REGISTER.CONTROL, CONTROL.RUN); write(REGISTER.SEND_RING, 0)\n',
      [`NicRingInUse in ${REGISTERS}`],
    ],
    [
      'an interrupt handler that leaves the cause and the mask (6.2)',
      ENTRY,
      '  write(REGISTER.MASK, 0)\n  QueueDefault',
      '  QueueDefault',
      ['InterruptStorm in '],
    ],
    [
      'a virtual address where the device needs a physical one (6.3)',
      RINGS,
      'value = physical(slot(ring, index))',
      'value = slot(ring, index)',
      ['DV:DmaMisuse in '],
    ],
    [
      'a buffer that is shorter than it says (6.4)',
      RINGS,
      'NdisMAllocateSharedMemory(Adapter, SHARED_BYTES,',
      'NdisMAllocateSharedMemory(Adapter, SHARED_BYTES - 2 * SLOT_BYTES,',
      ['DmaNotMapped in '],
    ],
    ['a buffer that is too short for a frame (3.3)', RINGS, 'size = SLOT_BYTES', 'size = 60', ['NicReceiveSize in ']],
    [
      'the length of the slot for that of the frame (3.3)',
      ENTRY,
      'giveToDevice(SendRing, index, DataLength)',
      'giveToDevice(SendRing, index)',
      ['NicSendSize in '],
    ],
    [
      'a descriptor that is touched while the device owns it (3.2)',
      ENTRY,
      'write(REGISTER.SEND_DOORBELL, 1)',
      '{ write(REGISTER.SEND_DOORBELL, 1); ULONG.at(descriptor(SendRing, SendRing.Next) + WORD.SIZE).value = 99 }',
      ['NicDescriptorTouched in '],
    ],
    [
      'a doorbell while the device is stopped (4.3)',
      ENTRY,
      'write(REGISTER.CONTROL, CONTROL.RUN)\n',
      'write(REGISTER.SEND_DOORBELL, 1); write(REGISTER.CONTROL, CONTROL.RUN)\n',
      [`NicNotRunning in ${REGISTERS}`],
    ],
    [
      'a register that is only read (2)',
      ENTRY,
      'write(REGISTER.CONTROL, CONTROL.RUN)\n',
      'write(REGISTER.STATUS, 0); write(REGISTER.CONTROL, CONTROL.RUN)\n',
      [`NicRegisterReadOnly in ${REGISTERS}`],
    ],
  ])('%s', (_mistake, file, piece, by, expected) => {
    const found = seen(broken(file, piece, by))
    for (const finding of expected)
      expect(
        found.some((each) => each.startsWith(finding)),
        found.join('; '),
      ).toBe(true)
  })
})

test('MiniportInitializeEx gives back what it has when memory is short, wherever that is', () => {
  const config = { ...DEFAULT_RUN_CONFIG, scenario: 'default', memoryBytes: MEMORY_BYTES }
  /** The n-th allocation of the run fails; how many there were. */
  function failing(n: number): number {
    const engine = new Engine({ config, files: FILES, entry: ENTRY, tables, devices: [createTeachingNic] })
    const { pool } = engine.machine.kernel
    const { allocate } = pool
    let allocations = 0
    Object.assign(pool, {
      allocate: (...args: Parameters<typeof allocate>) => (++allocations === n ? 0 : allocate(...args)),
    })
    expect(findings(engine.run()).map((finding) => `allocation ${n}: ${finding}`)).toEqual([])
    return allocations
  }
  const all = failing(0)
  expect(all).toBeGreaterThan(10)
  for (let n = 1; n <= all; n++) failing(n)
})
