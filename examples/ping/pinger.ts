/** What a ping does, whatever driver interface its frames go through: asks for addresses, sends echo requests, measures. */
import {
  ARP_REPLY,
  ARP_REQUEST,
  arp,
  ECHO,
  echo,
  echoData,
  linkLocal,
  neighborSolicitation,
  same,
  understand,
  type Bytes,
  type Host,
} from './frames'

/** Requests to each host, and how often it is asked for its address before it is given up. */
const REQUESTS = 3
const MOST_QUESTIONS = 6
/** What tells our requests from those of others. */
const ID = 0x4e44
const PEER_IPV4: Bytes = [10, 0, 0, 1]
/** The link-local address of 02-00-00-00-00-01. */
const PEER_IPV6 = linkLocal([2, 0, 0, 0, 0, 1])

interface Target {
  readonly ip: Bytes
  readonly name: string
  /** undefined until it answered. */
  mac: Bytes | undefined
  questions: number
  /** When each request was sent, by its sequence number, in ticks of 100 ns; deleted when the reply is there. */
  readonly out: Map<number, number>
  sent: number
  received: number
}

/** Not reentrant: who calls from several CPUs holds a lock. Both give frames to send. */
export interface Pinger {
  /** To be called every so often until `done`. */
  tick(now: number): readonly Bytes[]
  /** A frame has arrived. */
  receive(frame: Bytes, now: number): readonly Bytes[]
  readonly done: boolean
}

const ipv4Text = (ip: Bytes): string => ip.join('.')
/** As it is written when the four groups of zeros in the middle are left out. */
function ipv6Text(ip: Bytes): string {
  const groups = Array.from({ length: 8 }, (_unused, i) => ((ip[2 * i]! << 8) | ip[2 * i + 1]!).toString(16))
  return groups.join(':').replace(/(:0)+:/, '::')
}
const macText = (mac: Bytes): string => mac.map((byte) => byte.toString(16).padStart(2, '0')).join('-')

/**
 * A ping from the host with this MAC address, 10.0.0.(10 + number): to the peer host by IPv4 and IPv6, and to those that
 * have lower numbers.
 */
export function createPinger(mac: Bytes, number: number, printLine: (text: string) => void): Pinger {
  const own4: Host = { mac, ip: [10, 0, 0, 10 + number] }
  // The first one is what most sessions have: it needs no name.
  const print = (text: string): void => printLine(number === 0 ? text : `${ipv4Text(own4.ip)}: ${text}`)
  const own6: Host = { mac, ip: linkLocal(mac) }
  const others = Array.from({ length: number }, (_unused, other) => [10, 0, 0, 10 + other])
  const targets = [PEER_IPV4, PEER_IPV6, ...others].map((ip): Target => ({
    ip,
    name: ip.length === 4 ? ipv4Text(ip) : ipv6Text(ip),
    mac: undefined,
    questions: 0,
    out: new Map(),
    sent: 0,
    received: 0,
  }))
  const own = ({ ip }: { readonly ip: Bytes }): Host => (ip.length === 4 ? own4 : own6)
  let current = 0

  function ask(target: Target): Bytes {
    target.questions++
    if (target.ip.length === 16) return neighborSolicitation(own6, target.ip)
    return arp(ARP_REQUEST, own4, { mac: [], ip: target.ip })
  }
  function request(target: Target, to: Bytes, now: number): Bytes {
    const sequence = ++target.sent
    target.out.set(sequence, now)
    return echo('REQUEST', own(target), { mac: to, ip: target.ip }, ID, sequence, echoData(sequence))
  }
  function resolved({ ip, mac: found }: Host): void {
    const target = targets.find((candidate) => same(candidate.ip, ip))
    if (!target || target.mac || target.questions === 0) return
    target.mac = found
    print(`${target.name} is at ${macText(found)}`)
  }
  function replied(ip: Bytes, sequence: number, data: Bytes, now: number): void {
    const target = targets.find((candidate) => same(candidate.ip, ip))
    const since = target?.out.get(sequence)
    if (!target || since === undefined) return
    target.out.delete(sequence)
    if (!same(data, echoData(sequence))) return print(`${target.name}: seq=${sequence} came back with other bytes`)
    target.received++
    print(`${data.length + 8} bytes from ${target.name}: seq=${sequence} time=${((now - since) / 10).toFixed(1)} us`)
  }
  function finished(target: Target): void {
    if (target.mac) print(`${target.name}: ${target.sent} sent, ${target.received} received`)
    else print(`${target.name}: nobody answers`)
  }
  return {
    get done() {
      return current === targets.length
    },
    tick(now) {
      for (; current < targets.length; current++) {
        const target = targets[current]!
        if (!target.mac && target.questions < MOST_QUESTIONS) return [ask(target)]
        if (target.mac && target.sent < REQUESTS) return [request(target, target.mac, now)]
        finished(target)
      }
      return []
    },
    receive(frame, now) {
      const message = understand(frame)
      if (message?.kind === 'neighbor') resolved(message.from)
      if (message?.kind === 'arp') {
        if (message.operation === ARP_REPLY) resolved(message.from)
        else if (same(message.target, own4.ip)) return [arp(ARP_REPLY, own4, message.from)]
      }
      if (message?.kind !== 'echo' || !same(message.to, own({ ip: message.to }).ip)) return []
      const { type, from, id, sequence, data } = message
      const { REQUEST, REPLY } = ECHO[from.ip.length === 4 ? 4 : 6]
      if (type === REQUEST) return [echo('REPLY', own(from), from, id, sequence, data)]
      if (type === REPLY && id === ID) replied(from.ip, sequence, data, now)
      return []
    },
  }
}
