import { describe, expect, it, vi } from 'vitest'
import type { PacketsView, PacketView } from '../../shared/packets'
import { packetHandlers } from './packet-requests'
import type { CaptureFilesPort, PacketsPort } from './ports'
import type { DebugSession } from './session'

const viewOf = (total: number): PacketsView => ({ captured: true, total, matching: total, scanned: total, rows: [] })
const packetsOf = (total: number): PacketsPort => ({
  packets: () => viewOf(total),
  packet: (index) => ({ index }) as PacketView,
  export: ({ path }) => Promise.resolve({ status: 'written', path, frames: total }),
  injectable: (indices) => ({ data: 'AAAA', count: indices.length }),
})
const files: CaptureFilesPort = {
  open: (path) => Promise.resolve({ file: path, name: path, frames: 7 }),
  views: () => Promise.resolve(packetsOf(7)),
}
/** A session whose engine has these frames. */
function sessionWith(packets: PacketsPort | undefined) {
  const inject = vi.fn(() => Promise.resolve())
  const drain = vi.fn()
  return { session: { engine: { packets, drain }, run: { inject } } as unknown as DebugSession, inject, drain }
}

describe('requests about packets', () => {
  it('that name a file need no run', async () => {
    const handlers = packetHandlers(files, () => undefined)
    expect((await handlers['ndis/packets']({ file: '/a.pcap', from: 0, to: 1 })).total).toBe(7)
    expect((await handlers['ndis/packet']({ file: '/a.pcap', index: 3 })).index).toBe(3)
    expect(await handlers['ndis/packets/open']({ path: '/a.pcap' })).toMatchObject({ frames: 7 })
    expect(await handlers['ndis/packets/export']({ file: '/a.pcap', which: 'all', path: '/b' })).toMatchObject({
      status: 'written',
    })
  })
  it('that name none are about the run, as it is now', async () => {
    const { session, drain } = sessionWith(packetsOf(2))
    const handlers = packetHandlers(files, () => session)
    expect((await handlers['ndis/packets']({ from: 0, to: 1 })).total).toBe(2)
    expect(drain).toHaveBeenCalled()
  })
  it('say when there is no run, or no NIC in it', async () => {
    await expect(packetHandlers(files, () => undefined)['ndis/packets']({ from: 0, to: 1 })).rejects.toThrow(
      'no driver was started yet',
    )
    const handlers = packetHandlers(files, () => sessionWith(undefined).session)
    expect(await handlers['ndis/packets']({ from: 0, to: 1 })).toMatchObject({ captured: false, total: 0 })
    await expect(handlers['ndis/packet']({ index: 0 })).rejects.toThrow('nothing is captured: the run has no NIC')
  })
  it('send frames of a file into a NIC of the run', async () => {
    const { session, inject } = sessionWith(undefined)
    const handlers = packetHandlers(files, () => session)
    expect(await handlers['ndis/packets/inject']({ file: '/a.pcap', indices: [4, 5], slot: 1 })).toEqual({ frames: 2 })
    expect(inject).toHaveBeenCalledWith({ slot: 1, data: 'AAAA' })
  })
})
