import { describe, expect, test } from 'vitest'
import { driverOf, runScript } from './test-driver'

const NAMES = [
  'bytes', 'CONTAINING_RECORD', 'DbgPrint', 'MDL', 'NDIS_SET_SEND_FLAG', 'NDIS_SEND_FLAGS_DISPATCH_LEVEL', 'NDIS_TEST_SEND_AT_DISPATCH_LEVEL',
  'NdisAdjustNetBufferCurrentMdl', 'NdisAdvanceNetBufferDataStart', 'NdisAllocateMdl', 'NdisCopySendNetBufferListInfo', 'NdisFreeMdl', 'NdisGetDataBuffer',
  'NdisRetreatNetBufferDataStart', 'NDIS_INIT_MUTEX', 'NDIS_MUTEX', 'NDIS_RELEASE_MUTEX', 'NDIS_WAIT_FOR_MUTEX', 'NET_BUFFER', 'NET_BUFFER_DATA_LENGTH', 'NET_BUFFER_LIST',
  'NET_BUFFER_LIST_FIRST_NB', 'NET_BUFFER_LIST_INFO', 'NET_BUFFER_PROTOCOL_RESERVED', 'Ieee8021QNetBufferListInfo', 'NDIS_GET_NET_BUFFER_LIST_CANCEL_ID',
  'NetBufferListCancelId', 'out', 'storage', 'UCHAR', 'ULONG',
].join(', ') // prettier-ignore

/** A NET_BUFFER in storage of the driver, over one MDL of 40 bytes. */
const NET_BUFFER = `
const Data = storage(UCHAR, 40), NetBuffer = storage(NET_BUFFER)
const Mdl = NdisAllocateMdl(0, Data, 40)
Object.assign(NET_BUFFER.at(NetBuffer), { MdlChain: Mdl, DataOffset: 4, DataLength: 36 })
NdisAdjustNetBufferCurrentMdl(NetBuffer)
`
const run = (statements: string) => runScript(driverOf(NAMES, NET_BUFFER + statements + '\nNdisFreeMdl(Mdl)'))
const rules = (statements: string) => run(statements).violations.map(({ rule, line }) => [rule, line])

describe('NET_BUFFERs as scripts use them', () => {
  test('a header is made with functions of the script as NetAllocateMdl and NetFreeMdl', () => {
    const report = run(`
const Header = storage(UCHAR, 64)
NdisRetreatNetBufferDataStart(NetBuffer, 14, 10, (Size) => NdisAllocateMdl(0, Header, Size.value))
const data = NdisGetDataBuffer(NetBuffer, 10, 0, 1, 0)
bytes(data, 10).fill(0xff)
DbgPrint('%d %d %d\\n', MDL.at(NET_BUFFER.at(NetBuffer).MdlChain).ByteCount, bytes(Header, 64)[14], data - Header)
NdisAdvanceNetBufferDataStart(NetBuffer, 14, 1, (Mdl) => NdisFreeMdl(Mdl))
DbgPrint('%d\\n', NET_BUFFER_DATA_LENGTH(NetBuffer))`)
    expect(report.violations).toEqual([])
    expect(report.output).toEqual(['24 255 14', '36'])
  })
  test('members are written through views and read by the macros', () => {
    const report = run(`
const [Source, Copy] = [storage(NET_BUFFER_LIST), storage(NET_BUFFER_LIST)]
NET_BUFFER_LIST.at(Source).FirstNetBuffer = NetBuffer
NET_BUFFER_LIST.at(Source).NetBufferListInfo[Ieee8021QNetBufferListInfo] = 0x60
NET_BUFFER_LIST.at(Source).NetBufferListInfo[NetBufferListCancelId] = 7
NdisCopySendNetBufferListInfo(Copy, Source)
const Flags = out(0)
NDIS_SET_SEND_FLAG(Flags, NDIS_SEND_FLAGS_DISPATCH_LEVEL)
DbgPrint('%d %d %d %d\\n', NET_BUFFER_LIST_FIRST_NB(Source) === NetBuffer ? 1 : 0,
  NET_BUFFER_LIST_INFO(Copy, Ieee8021QNetBufferListInfo), NDIS_GET_NET_BUFFER_LIST_CANCEL_ID(Copy),
  NDIS_TEST_SEND_AT_DISPATCH_LEVEL(Flags.value))
const reserved = NET_BUFFER_PROTOCOL_RESERVED(NetBuffer)
DbgPrint('%d\\n', CONTAINING_RECORD(reserved, NET_BUFFER, 'ProtocolReserved') === NetBuffer ? 1 : 0)`)
    expect(report.violations).toEqual([])
    expect(report.output).toEqual(['1 96 7 1', '1'])
  })
  test('a header that is never taken off is a leak of the retreat, and named by its line', () => {
    expect(rules('NdisRetreatNetBufferDataStart(NetBuffer, 14, 0, 0)')).toEqual([['DV:LeakAtUnload', 8]])
  })
})
