import { expect, it } from 'vitest'
import { COLOUR_RULES } from '../dissect/colours.table'
import { FRAMES } from '../dissect/frames.fixture'
import { createColouring } from './colouring'
import { compileFilter } from './compile'

const colourOf = createColouring()
const ruleOf = (bytes: Uint8Array): string =>
  colourOf({ number: 1, interface: 0, interfaceName: '', timeNs: 0, length: bytes.length, bytes }).rule

it.each(COLOUR_RULES)('$name is a filter', ({ filter }) => expect(compileFilter(filter).problem).toBeUndefined())

it('takes the first rule that fits', () => {
  expect(ruleOf(FRAMES.UDP)).toBe('UDP')
  expect(ruleOf(FRAMES.UDP_BAD_SUM)).toBe('Wrong checksum')
  expect(ruleOf(FRAMES.UDP.slice(0, 30))).toBe('Malformed or cut short')
  expect(ruleOf(FRAMES.ARP_REQUEST)).toBe('Neighbour and router discovery')
  expect(ruleOf(FRAMES.NEIGHBOR_SOLICITATION)).toBe('Neighbour and router discovery')
  expect(ruleOf(FRAMES.PING6)).toBe('ICMP')
  expect(ruleOf(FRAMES.UNREACHABLE)).toBe('ICMP errors')
  expect(ruleOf(FRAMES.TCP_SYN)).toBe('TCP')
  expect(ruleOf(FRAMES.LLDP)).toBe('Broadcast and multicast')
})
