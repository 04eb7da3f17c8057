import { describe, expect, test } from 'vitest'
import { ARP_OPERATION, readArpFrame, writeArpFrame } from './formats/arp'
import { BROADCAST, macAddress } from './formats/ethernet'
import { ICMP_TYPE, readEchoFrame, writeEchoFrame } from './formats/icmp'
import {
  ICMPV6_TYPE,
  NEIGHBOR_FLAG,
  readAdvertisementFrame,
  readEcho6Frame,
  writeEcho6Frame,
  writeSolicitationFrame,
} from './formats/icmpv6'
import { ipv4Address } from './formats/ipv4'
import { ALL_NODES, ipv6Text, linkLocalAddress, multicastMac } from './formats/ipv6'
import { readUdpFrame, writeUdpFrame } from './formats/udp'
import { insertVlan, removeVlan, vlanControl } from './formats/vlan'
import { createFramePool } from './frame'
import { frameOf } from './injection'
import { createPeer, nicIpv4, PEER_IPV4, PEER_IPV6, PEER_MAC } from './peer'

const MAC = macAddress('02:00:00:00:00:0a')
const OWN = nicIpv4(0)
const OWN6 = linkLocalAddress(MAC)

function setUp() {
  const frames = createFramePool()
  const peer = createPeer(frames)
  const sent: { bytes: Uint8Array; origin: string; site: number }[] = []
  peer.connect({
    speed: () => 1000,
    negotiate: () => undefined,
    transmit(frame) {
      sent.push({ bytes: frame.bytes.slice(0, frame.length), origin: frame.origin, site: frame.site })
      frames.give(frame)
      return 0
    },
  })
  return {
    peer,
    sent,
    /** What the peer answers to a frame. */
    ask(bytes: Uint8Array, intact = true): Uint8Array | undefined {
      const before = sent.length
      const frame = frameOf(frames, bytes, '')
      frame.intact = intact
      frame.site = 7
      peer.port.receive(frame)
      frames.give(frame)
      return sent.length > before ? sent.at(-1)!.bytes : undefined
    },
  }
}
function frame(write: (into: Uint8Array) => number): Uint8Array {
  const into = new Uint8Array(16_384)
  return into.slice(0, write(into))
}
const data = (length: number): Uint8Array => Uint8Array.from({ length }, (_unused, index) => index * 13 + length)

/** Ones' complement sum over 16-bit words, written another way than the code: 0xffff over what holds its checksum. */
function sum(...parts: Uint8Array[]): number {
  const all = parts.flatMap((part) => [...part])
  let total = 0
  for (let at = 0; at < all.length; at += 2) {
    total += all[at]! * 256 + (all[at + 1] ?? 0)
    total = (total & 0xffff) + (total >>> 16)
  }
  return total
}

describe('ARP (RFC 826)', () => {
  const request = (targetIp: number) =>
    frame((into) =>
      writeArpFrame(into, BROADCAST, {
        operation: ARP_OPERATION.REQUEST,
        senderMac: MAC,
        senderIp: OWN,
        targetMac: new Uint8Array(6),
        targetIp,
      }),
    )
  test('who asks for 10.0.0.1 is told its MAC address, byte for byte', () => {
    const { ask, sent } = setUp()
    const answer = ask(request(ipv4Address('10.0.0.1')))!
    const expected = '02000000000a 020000000001 0806 0001 0800 06 04 0002 020000000001 0a000001 02000000000a 0a00000a'
    expect(Buffer.from(answer).toString('hex')).toBe(expected.replaceAll(' ', '') + '00'.repeat(18))
    expect(sent[0]).toMatchObject({ origin: 'peer host: ARP reply', site: 0 })
  })
  test('nobody else is asked for here, and answers are not answered', () => {
    const { ask, peer } = setUp()
    expect(ask(request(OWN))).toBeUndefined()
    const reply = frame((into) => writeArpFrame(into, PEER_MAC, { ...readArpFrame(request(PEER_IPV4))!, operation: 2 }))
    expect(ask(reply)).toBeUndefined()
    expect(peer.counts).toMatchObject({ received: 2, notForMe: 1, other: 1, arp: 0 })
  })
})

describe('ICMP echo (RFC 792)', () => {
  const ping = (length: number, sequence = 1) =>
    frame((into) =>
      writeEchoFrame(into, {
        destination: PEER_MAC,
        source: MAC,
        from: OWN,
        to: PEER_IPV4,
        type: ICMP_TYPE.ECHO_REQUEST,
        id: 0x1234,
        sequence,
        data: data(length),
      }),
    )
  test('of any size comes back with its data, and both checksums are right', () => {
    const { ask } = setUp()
    for (const length of [0, 1, 17, 18, 19, 56, 1000, 1471, 1472, 9000]) {
      const answer = ask(ping(length, length))!
      expect(answer.length).toBe(Math.max(60, 42 + length))
      expect(readEchoFrame(answer)).toEqual({
        destination: MAC,
        source: PEER_MAC,
        from: PEER_IPV4,
        to: OWN,
        type: ICMP_TYPE.ECHO_REPLY,
        id: 0x1234,
        sequence: length,
        data: data(length),
      })
      expect(sum(answer.subarray(14, 34))).toBe(0xffff)
      expect(sum(answer.subarray(34, 42 + length))).toBe(0xffff)
    }
  })
  test('with any wrong byte is not answered, and counted by reason', () => {
    const { ask, peer } = setUp()
    const good = ping(20)
    for (let at = 0; at < good.length; at++) {
      const bad = good.slice()
      bad[at]! ^= 0x04
      // The source of the frame and what fills it up are in no checksum.
      if (at >= 6 && at < 12) expect(ask(bad)).toBeDefined()
      else expect(ask(bad), `byte ${at}`).toBeUndefined()
    }
    const { received, echo, ...others } = peer.counts
    expect([received, echo]).toEqual([good.length, 6])
    expect(others).toMatchObject({ notForMe: 6, unknown: 2 })
    expect(Object.values(others).reduce((total, count) => total + count)).toBe(received - echo)
  })
  test('in a VLAN comes back in it', () => {
    const { ask } = setUp()
    const request = new Uint8Array(200)
    request.set(ping(40))
    const length = insertVlan(request, 82, vlanControl({ priority: 3, dropEligible: false, id: 42 }))
    const answer = ask(request.slice(0, length))!
    expect([...answer.subarray(12, 18)]).toEqual([0x81, 0x00, 0x60, 42, 0x08, 0x00])
    expect(readEchoFrame(answer, removeVlan(answer, answer.length))!.data).toEqual(data(40))
  })
})

describe('UDP', () => {
  const ends = { destination: PEER_MAC, source: MAC, from: OWN, fromPort: 50_000, to: PEER_IPV4 }
  test('datagrams for port 7 come back as they are (RFC 862)', () => {
    const { ask, sent } = setUp()
    for (const length of [0, 1, 18, 19, 600, 1471, 1472]) {
      const request = frame((into) => writeUdpFrame(into, { ...ends, toPort: 7, payload: data(length), id: length }))
      const answer = ask(request)!
      expect(readUdpFrame(answer)).toEqual({
        destination: MAC,
        source: PEER_MAC,
        from: PEER_IPV4,
        fromPort: 7,
        to: OWN,
        toPort: 50_000,
        payload: data(length),
        id: length,
      })
      expect(answer.length).toBe(request.length)
      expect(sum(answer.subarray(14, 34))).toBe(0xffff)
      const pseudo = Uint8Array.of(0, 17, ...answer.subarray(38, 40))
      expect(sum(answer.subarray(26, 34), pseudo, answer.subarray(34, 42 + length))).toBe(0xffff)
    }
    expect(sent[0]!.origin).toBe('peer host: UDP echo')
  })
  test('without a checksum they come back without one', () => {
    const { ask } = setUp()
    const request = frame((into) => writeUdpFrame(into, { ...ends, toPort: 7, payload: data(30) }))
    request.fill(0, 40, 42)
    expect(ask(request)!.subarray(40, 42)).toEqual(Uint8Array.of(0, 0))
  })
  test('for port 9 they are thrown away and their bytes counted (RFC 863); for others nobody listens', () => {
    const { ask, peer } = setUp()
    for (const toPort of [9, 9, 10])
      expect(ask(frame((into) => writeUdpFrame(into, { ...ends, toPort, payload: data(100) })))).toBeUndefined()
    expect([peer.counts.udpDiscard, peer.discarded(), peer.counts.unserved]).toEqual([2, 200, 1])
  })
  test('a scenario may serve a port, or listen to every frame', () => {
    const { ask, peer } = setUp()
    const heard: number[][] = []
    peer.serve(7, ({ bytes }, at, length) => heard.push([...bytes.subarray(at, at + length)]))
    let all = 0
    peer.listen(({ length }) => (all += length) > 100)
    const request = frame((into) => writeUdpFrame(into, { ...ends, toPort: 7, payload: data(3) }))
    expect(ask(request)).toBeUndefined()
    expect(heard).toEqual([[...data(3)]])
    expect(ask(request)).toBeUndefined()
    expect([heard.length, all, peer.counts.served]).toEqual([1, 120, 2])
  })
  test('a frame whose check sequence is wrong is not looked at', () => {
    const { ask, peer } = setUp()
    const request = frame((into) => writeUdpFrame(into, { ...ends, toPort: 7, payload: data(3) }))
    expect(ask(request, false)).toBeUndefined()
    expect(peer.counts).toMatchObject({ received: 1, damaged: 1 })
  })
})

describe('IPv6', () => {
  test('the address of the peer host comes from its MAC address (RFC 4291, appendix A)', () => {
    expect(ipv6Text(PEER_IPV6)).toBe('fe80::ff:fe00:1')
    expect(ipv6Text(ALL_NODES)).toBe('ff02::1')
    expect(ipv6Text(new Uint8Array(16))).toBe('::')
    expect(ipv6Text(Uint8Array.of(0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0))).toBe('2001:db8:0:1::')
  })
  test('who seeks it is told its MAC address (RFC 4861, 7.2.4)', () => {
    const { ask } = setUp()
    const answer = ask(frame((into) => writeSolicitationFrame(into, MAC, OWN6, PEER_IPV6)))!
    expect(readAdvertisementFrame(answer)).toEqual({
      destination: MAC,
      source: PEER_MAC,
      from: PEER_IPV6,
      to: OWN6,
      flags: (NEIGHBOR_FLAG.SOLICITED | NEIGHBOR_FLAG.OVERRIDE) >>> 0,
      target: PEER_IPV6,
      mac: PEER_MAC,
    })
    expect(answer.length).toBe(86)
    const pseudo = Uint8Array.of(0, 32, 0, 58)
    expect(sum(answer.subarray(22, 54), pseudo, answer.subarray(54))).toBe(0xffff)
  })
  test('who has no address yet and wants this one is told among all (RFC 4861, 7.2.4)', () => {
    const { ask } = setUp()
    const answer = ask(frame((into) => writeSolicitationFrame(into, MAC, new Uint8Array(16), PEER_IPV6)))!
    expect(readAdvertisementFrame(answer)).toMatchObject({
      destination: multicastMac(ALL_NODES),
      to: ALL_NODES,
      flags: NEIGHBOR_FLAG.OVERRIDE,
    })
  })
  test('other addresses are not its own, and what a router may have passed on is refused', () => {
    const { ask, peer } = setUp()
    expect(ask(frame((into) => writeSolicitationFrame(into, MAC, OWN6, OWN6)))).toBeUndefined()
    const routed = frame((into) => writeSolicitationFrame(into, MAC, OWN6, PEER_IPV6))
    routed[21] = 64
    expect(ask(routed)).toBeUndefined()
    expect(peer.counts).toMatchObject({ notForMe: 1, malformed: 1, neighbor: 0 })
  })
  test('echo comes back with its data (RFC 4443, 4.2)', () => {
    const { ask } = setUp()
    for (const length of [0, 1, 33, 1452]) {
      const request = { destination: PEER_MAC, source: MAC, from: OWN6, to: PEER_IPV6, id: 9, sequence: length }
      const type = ICMPV6_TYPE.ECHO_REQUEST
      const answer = ask(frame((into) => writeEcho6Frame(into, { ...request, type, data: data(length) })))!
      expect(readEcho6Frame(answer)).toEqual({
        destination: MAC,
        source: PEER_MAC,
        from: PEER_IPV6,
        to: OWN6,
        type: ICMPV6_TYPE.ECHO_REPLY,
        id: 9,
        sequence: length,
        data: data(length),
      })
      const pseudo = Uint8Array.of((8 + length) >> 8, (8 + length) & 0xff, 0, 58)
      expect(sum(answer.subarray(22, 54), pseudo, answer.subarray(54, 62 + length))).toBe(0xffff)
    }
  })
})

test('whatever arrives is counted once, and only what is right is answered', () => {
  const { ask, peer, sent } = setUp()
  let state = 1
  const random = (bound: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % bound
  }
  const good = [
    frame((into) => writeSolicitationFrame(into, MAC, OWN6, PEER_IPV6)),
    frame((into) =>
      writeUdpFrame(into, {
        destination: PEER_MAC,
        source: MAC,
        from: OWN,
        fromPort: 1,
        to: PEER_IPV4,
        toPort: 7,
        payload: data(60),
      }),
    ),
  ]
  for (let round = 0; round < 4000; round++) {
    const bytes = good[round % 2]!.slice(0, random(4) === 0 ? 14 + random(90) : undefined)
    for (let change = random(3); change > 0; change--) bytes[random(bytes.length)] = random(256)
    ask(bytes)
  }
  const { received, ...classes } = peer.counts
  expect(received).toBe(4000)
  expect(Object.values(classes).reduce((total, count) => total + count)).toBe(received)
  expect(classes.arp + classes.echo + classes.echo6 + classes.neighbor + classes.udpEcho).toBe(sent.length)
  expect(sent.length).toBeGreaterThan(500)
})
