/** A NIC through the debug adapter: its registers and rings while the driver stands, what is done to its cable. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NicView, RingView } from '../../src/shared/views'
import { DapSession } from './dap-session'

/** It writes eight registers, then TDT every five milliseconds. */
const PROGRAM = fileURLToPath(new URL('../e2e/drivers/rings.ts', import.meta.url))
const SET_UP_WRITES = 8
const CALL = 'WRITE_REGISTER_ULONG'
const TDLEN = 0x3808
const TDT = 0x3818
const RING_BYTES = 128
/** The driver waits for STATUS.LU in MiniportInitialize, then for its end (SDM 13.4.2). */
const UNTIL_THE_LINK_IS_DOWN = readFileSync(PROGRAM, 'utf8')
  .replace('WRITE_REGISTER_ULONG,', 'WRITE_REGISTER_ULONG, READ_REGISTER_ULONG, DbgPrint,')
  .replace(
    '        startRings()\n',
    `        startRings()
        const linkIsUp = () => (READ_REGISTER_ULONG((Registers + 8) as PVOID) & 2) !== 0
        while (!linkIsUp());
        DbgPrint('up\\n')
        while (linkIsUp());\n`,
  )

let session: DapSession
beforeEach(() => {
  session = new DapSession()
})
afterEach(() => session.close())

/** Stands before so many writes of registers have happened, plus one. */
async function afterWrites(writes: number): Promise<void> {
  const hitCondition = `>= ${writes + 1}`
  await session.launch('', (at) => at.setCalls({ name: CALL, hitCondition }), { program: PROGRAM, overlays: {} })
  await session.stopped()
}
const registers = async (...offsets: number[]) =>
  (await session.request<{ values: number[] }>('ndis/registers', { slot: 0, offsets })).values
const ring = (name: string, count = 0) => session.request<RingView>('ndis/ring', { slot: 0, ring: name, count })
const link = async () => (await session.request<{ nics: NicView[] }>('ndis/nics')).nics[0]!.link!

describe('a NIC whose driver stands', () => {
  test('shows its registers as they are, reading nothing', async () => {
    await afterWrites(SET_UP_WRITES)
    expect(await session.request('ndis/nics')).toMatchObject({
      nics: [{ slot: 0, name: '82540EM', link: { speed: 1000, cable: true } }],
    })
    expect(await registers(TDLEN, TDT)).toEqual([RING_BYTES, 0])
  })
  test('shows its rings as the registers and memory have them', async () => {
    await afterWrites(SET_UP_WRITES)
    expect(await ring('Receive')).toMatchObject({ length: 8, head: 0, tail: 7, owners: 'hhhhhhh.' })
    const transmit = await ring('Transmit', 1)
    expect(transmit).toMatchObject({ length: 8, head: 0, tail: 0, owners: '........' })
    const [first] = transmit.descriptors
    // Buffer address, Length 64, CMD EOP IFCS RS: SDM 3.3.3.
    expect(first!.data).toMatch(/^[0-9a-f]{16}4000000b00000000$/)
    expect(first!.buffer).toBeGreaterThan(first!.address)
  })
  test('that is not there is named', async () => {
    await afterWrites(0)
    await expect(session.request('ndis/registers', { slot: 1, offsets: [0] })).rejects.toThrow(
      'there is no NIC in slot 1',
    )
    await expect(session.request('ndis/ring', { slot: 0, ring: 'Third', count: 0 })).rejects.toThrow(
      "the NIC in slot 0 has no ring 'Third'",
    )
  })
})

describe('its link', () => {
  const wire = (change: unknown, slot = 0) => session.request('ndis/wire', { slot, change })

  test('is changed as soon as the machine goes on, and the event log has it', async () => {
    await afterWrites(SET_UP_WRITES)
    await wire({ cable: false })
    await wire({ speed: 100, loss: 0.25 })
    expect(await link()).toMatchObject({ cable: true, options: { speed: 1000, loss: 0 } })
    await session.move('continue')
    expect(await link()).toMatchObject({ cable: false, speed: 0, options: { speed: 100, loss: 0.25 } })
    await wire({ cable: true })
    await session.move('continue')
    await session.move('continue')
    expect(await link()).toMatchObject({ cable: true, speed: 100 })
    const { rows } = await session.request<{ rows: { text: string }[] }>('ndis/events', { start: 0, count: 1000 })
    const told = rows.map(({ text }) => text).filter((text) => text.startsWith('NIC 0'))
    expect(told).toEqual(
      expect.arrayContaining(['NIC 0: the cable is pulled', 'NIC 0: link down', 'NIC 0: the cable allows 100 Mb/s']),
    )
  })
  test('is not changed into what it cannot be, nor one that is not there', async () => {
    await afterWrites(0)
    await expect(wire({ loss: 2 })).rejects.toThrow('change.loss takes a share of the frames from 0 to 1')
    await expect(wire({ cable: 'out' })).rejects.toThrow('change.cable takes true (plugged in) or false (pulled)')
    await expect(wire({ cable: false }, 3)).rejects.toThrow('there is no NIC in slot 3')
  })
  test('is not changed without a run', async () => {
    await expect(wire({ cable: false })).rejects.toThrow('no driver was started yet')
    await session.launch('', undefined, { program: PROGRAM, overlays: {} })
    await session.report()
    await expect(wire({ cable: false })).rejects.toThrow('the run has ended')
  })
  test('is changed while the machine runs, which sees it', async () => {
    await session.launch('', undefined, { program: PROGRAM, overlays: { 'rings.ts': UNTIL_THE_LINK_IS_DOWN } })
    await session.event('output', ({ output }) => output === 'up\n')
    await wire({ cable: false })
    expect((await session.report()).outcome).toBe('clean')
    expect(await link()).toMatchObject({ cable: false, speed: 0 })
  })
})
