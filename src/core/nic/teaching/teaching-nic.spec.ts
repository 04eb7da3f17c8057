/** Guest programs for the teaching NIC; "section" is one of docs/teaching-nic.md. */
import { describe, expect, test } from 'vitest'
import { NIC_TABLES } from '../nic-tables'
import { tableFaults } from '../register-table'
import { CAUSE, FILTER, FLAG } from './registers'
import { TEACHING_NIC } from './registers.table'
import { createTestNic, LINE_TICKS, physical, startNic, testFrame, type TestNic } from './test-nic'

const OWN_ADDRESS = [0x02, 0x4e, 0x44, 0x54, 0x4e, 0x00]
const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
const GROUP = [0x01, 0x00, 0x5e, 0x00, 0x00, 0x01]
const STRANGER = [0x02, 0x4e, 0x44, 0x54, 0x4e, 0x01]
const RUN = 1
const RESET = 2
const ALL = 0xffff_ffff

/** Fills in descriptor `index` of the send ring with a frame and gives it away. */
function give(nic: TestNic, { send }: ReturnType<typeof startNic>, index: number, frame: readonly number[]): void {
  send.put(index, { address: physical(nic.buffer(frame)), size: frame.length, flags: FLAG.OWN })
}

describe('register page (section 2)', () => {
  test('its table holds together, and the NIC panel finds it', () => {
    expect(tableFaults(TEACHING_NIC)).toEqual([])
    expect(NIC_TABLES.teaching).toBe(TEACHING_NIC)
  })
  test('begins with the letters NDTN (2.1)', () => {
    const { load } = createTestNic()
    expect(String.fromCharCode(...[0, 1, 2, 3].map((at) => load(at, 1)!))).toBe('NDTN')
    expect(load(2, 2)).toBe(0x4e54)
  })
  test('has the values after reset that the table says, also after everything was written (2.2)', () => {
    const nic = createTestNic({ speed: 0 })
    const names = TEACHING_NIC.registers.map(({ name }) => name as Parameters<typeof nic.read>[0])
    const values = () => Object.fromEntries(names.map((name) => [name, nic.read(name)]))
    const afterReset = Object.fromEntries(TEACHING_NIC.registers.map(({ name, reset }) => [name, reset]))
    expect(values()).toEqual(afterReset)
    for (const name of ['MASK', 'MAC_LOW', 'MAC_HIGH', 'FILTER', 'SEND_RING', 'SEND_COUNT'] as const)
      nic.write(name, 0x1234_5670)
    expect(nic.read('SEND_RING')).toBe(0x1234_5670)
    nic.write('CONTROL', RESET)
    expect(values()).toEqual(afterReset)
  })
  test('says whether there is a link and how fast it is; a reset does not change that (2.3)', () => {
    const nic = createTestNic({ speed: 0 })
    expect(nic.read('STATUS')).toBe(0)
    nic.link(100)
    nic.write('CONTROL', RESET)
    expect(nic.read('STATUS')).toBe((100 << 16) | 1)
    nic.link(0)
    expect(nic.read('STATUS')).toBe(0)
  })
  test('the station address ends in the slot of the device (2.4)', () => {
    const nic = createTestNic({ slot: 3 })
    expect([nic.read('MAC_LOW'), nic.read('MAC_HIGH')]).toEqual([0x5444_4e02, 0x034e])
  })
  test('writes of other widths, to read-only registers and between registers change nothing and are told (2)', () => {
    const nic = createTestNic()
    nic.store(0x10, 2, 0xffff)
    nic.store(0x12, 4, ALL)
    nic.write('ID', 0)
    nic.write('STATUS', 0)
    expect(nic.misused).toEqual(['NicRegisterWidth', 'NicRegisterWidth', 'NicRegisterReadOnly', 'NicRegisterReadOnly'])
    expect([nic.read('MASK'), nic.read('ID')]).toEqual([0, 0x4e54_444e])
    expect([nic.load(0x3c, 4), nic.load(0xffc, 4)]).toEqual([0, 0])
    nic.store(0x800, 4, 1)
    expect(nic.log).toEqual([
      'teaching NIC: a read at 0x03c, where there is no register, gives 0',
      'teaching NIC: a read at 0xffc, where there is no register, gives 0',
      'teaching NIC: a write at 0x800, where there is no register, is ignored',
    ])
    expect(nic.read('SEND_DOORBELL')).toBe(0)
  })
})

describe('interrupt (section 5)', () => {
  test('the line is asserted while CAUSE and MASK have a bit in common', () => {
    const nic = createTestNic()
    nic.link(0)
    expect([nic.read('CAUSE'), nic.line()]).toEqual([CAUSE.LINK, false])
    nic.write('MASK', CAUSE.LINK)
    expect(nic.line()).toBe(true)
    nic.write('MASK', CAUSE.SENT)
    expect(nic.line()).toBe(false)
    nic.write('MASK', ALL)
    nic.write('CAUSE', CAUSE.SENT)
    expect(nic.line()).toBe(true)
    nic.write('CAUSE', CAUSE.LINK)
    expect([nic.read('CAUSE'), nic.line()]).toEqual([0, false])
  })
  test('reading CAUSE clears nothing; a reset clears all', () => {
    const nic = createTestNic()
    nic.write('MASK', ALL)
    nic.link(10)
    expect([nic.read('CAUSE'), nic.read('CAUSE')]).toEqual([CAUSE.LINK, CAUSE.LINK])
    nic.write('CONTROL', RESET)
    expect([nic.read('CAUSE'), nic.read('MASK'), nic.line()]).toEqual([0, 0, false])
  })
})

describe('rings (section 3)', () => {
  test('of wrong address or length do not start', () => {
    const nic = createTestNic()
    nic.write('SEND_RING', 0x4010_0008)
    nic.write('CONTROL', RUN)
    nic.write('SEND_RING', 0x4010_0010)
    nic.write('RECEIVE_COUNT', 257)
    nic.write('CONTROL', RUN)
    expect(nic.misused).toEqual(['NicRingBase', 'NicRingLength'])
    expect(nic.read('CONTROL')).toBe(0)
  })
  test('keep their place while the device runs', () => {
    const nic = createTestNic()
    const { send } = startNic(nic)
    nic.write('SEND_RING', 0)
    nic.write('RECEIVE_COUNT', 1)
    expect(nic.misused).toEqual(['NicRingInUse', 'NicRingInUse'])
    expect([nic.read('SEND_RING'), nic.read('RECEIVE_COUNT')]).toEqual([send.physical, 4])
  })
  test('outside of memory stop the device with ERROR', () => {
    const nic = createTestNic()
    nic.write('SEND_RING', 0x10)
    nic.write('SEND_COUNT', 4)
    nic.write('CONTROL', RUN)
    nic.write('SEND_DOORBELL', 1)
    expect(nic.refused).toHaveLength(1)
    expect([nic.read('CONTROL'), nic.read('CAUSE')]).toEqual([0, CAUSE.ERROR])
  })
  test('that are not there do nothing, and frames for them are missed', () => {
    const nic = createTestNic()
    nic.write('FILTER', FILTER.PROMISCUOUS)
    nic.write('CONTROL', RUN)
    nic.write('SEND_DOORBELL', 1)
    nic.arrive(testFrame(BROADCAST, 60))
    expect([nic.read('CONTROL'), nic.read('CAUSE'), nic.read('MISSED_FRAMES')]).toEqual([RUN, CAUSE.MISSED, 1])
  })
})

describe('sending (section 4.3)', () => {
  test('a descriptor that is given away comes back when its frame has left', () => {
    const nic = createTestNic()
    const rings = startNic(nic)
    const frame = testFrame(STRANGER, 100)
    give(nic, rings, 0, frame)
    nic.write('MASK', CAUSE.SENT)
    nic.write('SEND_DOORBELL', 1)
    nic.pass(LINE_TICKS - 1)
    expect([rings.send.get(0).flags, nic.line()]).toEqual([FLAG.OWN, false])
    nic.pass(1)
    expect(rings.send.get(0)).toMatchObject({ length: 100, flags: FLAG.DONE })
    expect([nic.line(), nic.read('SEND_NEXT'), nic.read('SENT_FRAMES')]).toEqual([true, 1, 1])
    expect(nic.sent.map(({ bytes }) => bytes)).toEqual([frame])
  })
  test('one doorbell is enough for many; the ring goes round; order is kept', () => {
    const nic = createTestNic()
    const rings = startNic(nic)
    const lengths: number[] = []
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < 4; index++) {
        lengths.push(60 + lengths.length)
        give(nic, rings, index, testFrame(STRANGER, lengths.at(-1)!))
      }
      nic.write('SEND_DOORBELL', 1)
      nic.pass(10 * LINE_TICKS)
    }
    expect(nic.sent.map(({ bytes }) => bytes.length)).toEqual(lengths)
    expect([nic.read('SEND_NEXT'), nic.read('SENT_FRAMES')]).toEqual([0, 12])
  })
  test('a frame below 60 bytes is filled up with zeros', () => {
    const nic = createTestNic()
    const frame = testFrame(STRANGER, 14)
    give(nic, startNic(nic), 0, frame)
    nic.write('SEND_DOORBELL', 1)
    expect(nic.sent[0]!.bytes).toEqual([...frame, ...Array<number>(46).fill(0)])
  })
  test('names the line that rang the doorbell', () => {
    const nic = createTestNic()
    give(nic, startNic(nic), 0, testFrame(STRANGER, 60))
    nic.kernel.site.s = 17
    nic.write('SEND_DOORBELL', 1)
    expect(nic.sent[0]!.site).toBe(17)
  })
  test.each([
    ['too short', 13, 'NicSendSize'],
    ['too long', 1515, 'NicSendSize'],
  ])('a frame that is %s comes back as failed', (_what, size, rule) => {
    const nic = createTestNic()
    const rings = startNic(nic)
    rings.send.put(0, { address: physical(nic.buffer(testFrame(STRANGER, 60))), size, flags: FLAG.OWN })
    nic.write('SEND_DOORBELL', 1)
    nic.pass(1)
    expect(rings.send.get(0)).toMatchObject({ length: 0, flags: FLAG.DONE | FLAG.FAILED })
    expect([nic.misused, nic.sent, nic.read('SENT_FRAMES'), nic.read('CAUSE')]).toEqual([[rule], [], 0, CAUSE.SENT])
  })
  test('a buffer at a virtual address comes back as failed', () => {
    const nic = createTestNic()
    const rings = startNic(nic)
    rings.send.put(0, { address: nic.buffer(testFrame(STRANGER, 60)), size: 60, flags: FLAG.OWN })
    nic.write('SEND_DOORBELL', 1)
    nic.pass(1)
    expect(rings.send.get(0).flags).toBe(FLAG.DONE | FLAG.FAILED)
    expect(nic.refused[0]).toContain('virtual address')
  })
  test('without a link every frame comes back as failed', () => {
    const nic = createTestNic({ speed: 0 })
    const rings = startNic(nic)
    give(nic, rings, 0, testFrame(STRANGER, 60))
    give(nic, rings, 1, testFrame(STRANGER, 60))
    nic.write('SEND_DOORBELL', 1)
    nic.pass(2)
    expect([rings.send.get(1).flags, nic.sent]).toEqual([FLAG.DONE | FLAG.FAILED, []])
  })
  test('a descriptor that is changed while the device owns it is told', () => {
    const nic = createTestNic()
    const rings = startNic(nic)
    give(nic, rings, 0, testFrame(STRANGER, 60))
    nic.write('SEND_DOORBELL', 1)
    rings.send.put(0, { size: 61 })
    nic.pass(LINE_TICKS)
    expect(nic.misused).toEqual(['NicDescriptorTouched'])
  })
  test('a doorbell while the device is stopped is told; stopping leaves what was begun', () => {
    const nic = createTestNic()
    const rings = startNic(nic)
    give(nic, rings, 0, testFrame(STRANGER, 60))
    nic.write('SEND_DOORBELL', 1)
    nic.write('CONTROL', 0)
    nic.write('SEND_DOORBELL', 1)
    nic.pass(10 * LINE_TICKS)
    expect([rings.send.get(0).flags, nic.read('CAUSE'), nic.misused]).toEqual([FLAG.OWN, 0, ['NicNotRunning']])
  })
})

describe('receiving (section 4.4)', () => {
  test('a frame is written to the next descriptor of the device', () => {
    const nic = createTestNic()
    const { receive, buffers } = startNic(nic)
    nic.write('FILTER', FILTER.OWN)
    nic.write('MASK', CAUSE.RECEIVED)
    const frame = testFrame(OWN_ADDRESS, 200)
    nic.arrive(frame)
    expect(receive.get(0)).toMatchObject({ length: 200, flags: FLAG.DONE })
    expect(nic.memory(buffers[0]!, 201)).toEqual([...frame, 0xee])
    expect([nic.line(), nic.read('RECEIVE_NEXT'), nic.read('RECEIVED_FRAMES')]).toEqual([true, 1, 1])
  })
  test('without a descriptor of its own the device loses the frame and says so', () => {
    const nic = createTestNic()
    const { receive } = startNic(nic, 1)
    nic.write('FILTER', FILTER.OWN)
    nic.arrive(testFrame(OWN_ADDRESS, 60))
    nic.arrive(testFrame(OWN_ADDRESS, 61))
    expect([nic.read('MISSED_FRAMES'), nic.read('CAUSE')]).toEqual([1, CAUSE.RECEIVED | CAUSE.MISSED])
    receive.put(0, { flags: FLAG.OWN })
    nic.arrive(testFrame(OWN_ADDRESS, 62))
    expect([receive.get(0).length, nic.read('RECEIVED_FRAMES')]).toEqual([62, 2])
  })
  test('a buffer that is too small gets nothing', () => {
    const nic = createTestNic()
    const { receive, buffers } = startNic(nic, 2, 64)
    nic.write('FILTER', FILTER.OWN)
    nic.arrive(testFrame(OWN_ADDRESS, 65))
    expect(receive.get(0)).toMatchObject({ length: 0, flags: FLAG.DONE | FLAG.FAILED })
    expect(nic.memory(buffers[0]!, 64)).toEqual(Array(64).fill(0xee))
    expect([nic.misused, nic.read('MISSED_FRAMES')]).toEqual([['NicReceiveSize'], 1])
  })
  test('damaged and too long frames are counted and dropped', () => {
    const nic = createTestNic()
    startNic(nic)
    nic.write('FILTER', FILTER.PROMISCUOUS)
    nic.arrive(testFrame(OWN_ADDRESS, 60), false)
    nic.arrive(testFrame(OWN_ADDRESS, 1515))
    expect([nic.read('DAMAGED_FRAMES'), nic.read('RECEIVED_FRAMES'), nic.read('CAUSE')]).toEqual([2, 0, 0])
  })
  test('a device that is stopped receives nothing', () => {
    const nic = createTestNic()
    const { receive } = startNic(nic)
    nic.write('FILTER', FILTER.PROMISCUOUS)
    nic.write('CONTROL', 0)
    nic.arrive(testFrame(OWN_ADDRESS, 60))
    expect([receive.get(0).flags, nic.read('MISSED_FRAMES')]).toEqual([FLAG.OWN, 0])
  })
})

describe('filter (section 2.5)', () => {
  const received = (filter: number, to: readonly number[]): number => {
    const nic = createTestNic()
    startNic(nic)
    nic.write('FILTER', filter)
    nic.arrive(testFrame(to, 60))
    return nic.read('RECEIVED_FRAMES')
  }
  test.each([
    ['nothing', 0, [0, 0, 0, 0]],
    ['OWN', FILTER.OWN, [1, 0, 0, 0]],
    ['BROADCAST', FILTER.BROADCAST, [0, 1, 0, 0]],
    ['ALL_MULTICAST', FILTER.ALL_MULTICAST, [0, 0, 1, 0]],
    ['OWN and BROADCAST', FILTER.OWN | FILTER.BROADCAST, [1, 1, 0, 0]],
    ['PROMISCUOUS', FILTER.PROMISCUOUS, [1, 1, 1, 1]],
  ])('%s', (_name, filter, expected) => {
    expect([OWN_ADDRESS, BROADCAST, GROUP, STRANGER].map((to) => received(filter, to))).toEqual(expected)
  })
  test('the station address can be another one', () => {
    const nic = createTestNic()
    startNic(nic)
    nic.write('FILTER', FILTER.OWN)
    nic.write('MAC_HIGH', 0x014e)
    nic.arrive(testFrame(OWN_ADDRESS, 60))
    nic.arrive(testFrame(STRANGER, 60))
    expect(nic.read('RECEIVED_FRAMES')).toBe(1)
  })
})
