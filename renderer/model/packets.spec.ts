import { describe, expect, it } from 'vitest'
import type { FieldNode, PacketRow } from '../../src/shared/packets'
import { fieldAtByte, packetTree } from './packet-tree'
import { combined, hexText, rowText, timeText } from './packet-text'

const field = (name: string, offset: number, length: number, children?: FieldNode[]): FieldNode => ({
  name,
  label: name,
  value: '',
  offset,
  length,
  ...(children && { children }),
})
const FIELDS = [
  field('frame', 0, 60, [field('frame.len', 0, 0)]),
  field('eth', 0, 14, [
    field('eth.dst', 0, 6),
    { ...field('eth.dst.ig', 0, 3), mask: 0x010000 },
    field('eth.src', 6, 6),
    field('eth.type', 12, 2),
  ]),
  field('ip', 14, 20, [field('ip.opt', 30, 2), field('ip.opt', 32, 2)]),
  field('data', 34, 26),
]

describe('the tree of a frame', () => {
  it('has keys by name and place', () => {
    const tree = packetTree(FIELDS)
    expect(tree[2]?.children?.map(({ key }) => key)).toEqual(['/ip/ip.opt', '/ip/ip.opt:1'])
  })
  it('knows the innermost field over a byte', () => {
    const tree = packetTree(FIELDS)
    expect(fieldAtByte(tree, 13)).toMatchObject({ key: '/eth/eth.type', parents: ['/eth'] })
    expect(fieldAtByte(tree, 1)?.key).toBe('/eth/eth.dst')
    expect(fieldAtByte(tree, 33)?.key).toBe('/ip/ip.opt:1')
    expect(fieldAtByte(tree, 15)?.key).toBe('/ip')
    expect(fieldAtByte(tree, 40)).toMatchObject({ key: '/data', parents: [] })
    expect(fieldAtByte(tree, 99)).toBeUndefined()
  })
})

const ROW: PacketRow = {
  index: 4,
  timeNs: 1_500,
  deltaNs: 500,
  interfaceName: 'nic0',
  length: 60,
  source: '10.0.0.1',
  destination: '10.0.0.2',
  protocol: 'UDP',
  info: '1 → 2',
  colour: 'datagram',
  rule: 'UDP',
}

it('writes times with every nanosecond, since the start or since the row before', () => {
  expect(timeText(ROW, 'absolute')).toBe('0.000001500')
  expect(timeText(ROW, 'delta')).toBe('0.000000500')
  const { deltaNs: _, ...first } = ROW
  expect(timeText(first, 'delta')).toBe('')
  expect(rowText(ROW)).toBe('5\t0.000001500\t10.0.0.1\t10.0.0.2\tUDP\t60\t1 → 2')
  expect(hexText(Uint8Array.of(0, 0xab, 0x1f))).toBe('00 ab 1f')
})

it('puts conditions together so that they mean what they did', () => {
  expect(combined('', 'ip.ttl == 1', 'and')).toBe('ip.ttl == 1')
  expect(combined('udp', 'ip.ttl == 1', 'replace')).toBe('ip.ttl == 1')
  expect(combined('udp', 'ip.ttl == 1', 'and')).toBe('udp and ip.ttl == 1')
  expect(combined('udp or tcp', 'ip.ttl == 1', 'and')).toBe('(udp or tcp) and ip.ttl == 1')
  expect(combined('udp', 'ip.ttl == 1', 'not')).toBe('udp and !(ip.ttl == 1)')
  expect(combined(' ', 'arp', 'not')).toBe('!(arp)')
})
