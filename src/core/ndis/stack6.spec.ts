import { describe, expect, test } from 'vitest'
import { BROADCAST, createStackGuest, LIST, OWN_ADDRESS, type Part, type StackGuest } from '../test-stack6'

const ETHERNET = [...OWN_ADDRESS, 2, 0, 0, 0, 0, 2, 8, 0]
const TO_ALL = [...BROADCAST, 2, 0, 0, 0, 0, 2, 8, 0]

/** A protocol over filters over a miniport, started; the log begins after that. */
function build(filters: number, options = {}): { guest: StackGuest; miniport: Part; modules: Part[]; protocol: Part } {
  const guest = createStackGuest(options)
  const miniport = guest.miniport()
  const modules: Part[] = []
  for (let i = 0; i < filters; i++)
    modules.push(
      guest.filter(
        `filter${i}`,
        guest.passing(() => modules[i]!),
      ),
    )
  const protocol = guest.protocol('protocol')
  guest.start()
  guest.listen(protocol, 'NDIS_PACKET_TYPE_DIRECTED', 'NDIS_PACKET_TYPE_BROADCAST')
  guest.log.length = 0
  return { guest, miniport, modules, protocol }
}

describe('sends through a stack (DDI ndissendnetbufferlists, filter_send_net_buffer_lists)', () => {
  test.each([1, 4])('pass all filters downwards and come back upwards, on %i CPUs', (cpus) => {
    const { guest, protocol } = build(2, { cpus })
    guest.call('NdisSendNetBufferLists', protocol.handle, guest.lists(protocol.handle, ETHERNET, TO_ALL), 0, 0)
    expect(guest.log).toEqual([
      'filter1 send 2',
      'filter0 send 2',
      'miniport send 2',
      'filter0 sendComplete 2',
      'filter1 sendComplete 2',
      'protocol sendComplete 2',
    ])
    expect(guest.broken()).toEqual([])
  })
  test('received lists pass upwards and are returned downwards', () => {
    const { guest, miniport } = build(1)
    const chain = guest.lists(miniport.handle, ETHERNET)
    guest.call('NdisMIndicateReceiveNetBufferLists', miniport.handle, chain, 0, 1, 0)
    expect(guest.log).toEqual(['filter0 receive 1', 'protocol receive 1', 'filter0 return 1', 'miniport return 1'])
    expect(guest.broken()).toEqual([])
    expect(guest.machine.kernel.space.r32(chain + LIST.Status)).toBe(0)
  })
})
