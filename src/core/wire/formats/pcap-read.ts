import { at, Damage, MOST_BLOCK_BYTES, type ByteSource, type CaptureFrame, type CaptureInterface } from './capture'

/** Magic numbers of classic pcap, in the byte order of the file. */
const MAGIC = { MICROSECONDS: 0xa1b2_c3d4, NANOSECONDS: 0xa1b2_3c4d } as const
/** A Linux patch of 1998 with longer records; files of it are as rare as the tools that read them. */
const MAGIC_MODIFIED = 0xa1b2_cd34
const HEADER = { MAJOR: 4, SNAP_LENGTH: 16, NETWORK: 20, BYTES: 24 } as const
const RECORD = { SECONDS: 0, FRACTION: 4, CAPTURED: 8, ORIGINAL: 12, BYTES: 16 } as const
const MAJOR_VERSION = 2
/** The high bits of the network: is there a check sequence, and how many half-words. */
const NETWORK = { LINK_TYPE: 0xffff, FCS_PRESENT: 1 << 26, FCS_SHIFT: 28 } as const

interface Form {
  readonly little: boolean
  /** Nanoseconds in a unit of the second word of a time. */
  readonly unitNs: bigint
}

/** The form of a classic pcap file by its first bytes; undefined when it is none. */
export function pcapForm(source: ByteSource): Form | undefined {
  if (source.length < 4) return undefined
  const head = source.read(0, 4)
  const view = new DataView(head.buffer, head.byteOffset, 4)
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little)
    if (magic === MAGIC.MICROSECONDS) return { little, unitNs: 1000n }
    if (magic === MAGIC.NANOSECONDS) return { little, unitNs: 1n }
    if (magic === MAGIC_MODIFIED)
      throw new Damage(
        0,
        'This is a capture in the modified pcap format of old Linux tools, which is not read here. Convert it: editcap -F pcapng OLD NEW.',
      )
  }
  return undefined
}

function readHeader(source: ByteSource, { little }: Form): CaptureInterface {
  if (source.length < HEADER.BYTES)
    throw new Damage(
      0,
      `The file ends within its header: ${source.length} of ${HEADER.BYTES} bytes are there. There is no frame in it; get the whole file.`,
    )
  const bytes = source.read(0, HEADER.BYTES)
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER.BYTES)
  const major = view.getUint16(HEADER.MAJOR, little)
  if (major !== MAJOR_VERSION)
    throw new Damage(
      HEADER.MAJOR,
      `The file is of pcap version ${major}; known is version ${MAJOR_VERSION}. Convert it: editcap -F pcapng OLD NEW.`,
    )
  const network = view.getUint32(HEADER.NETWORK, little)
  return {
    name: '',
    description: '',
    linkType: network & NETWORK.LINK_TYPE,
    snapLength: view.getUint32(HEADER.SNAP_LENGTH, little),
    fcsBytes: (network & NETWORK.FCS_PRESENT) !== 0 ? 2 * (network >>> NETWORK.FCS_SHIFT) : 0,
  }
}

const cutOff = (offset: number, there: number, claimed: number): Damage =>
  new Damage(
    offset,
    `The file ends within the frame at ${at(offset)}: ${there} of ${claimed} bytes are there. It was cut off when it was written or copied; what lies before was read.`,
  )

/**
 * The frames of a classic pcap file in their order.
 *
 * @throws Damage where it cannot be read on.
 */
export function* pcapFrames(
  source: ByteSource,
  form: Form,
  interfaces: CaptureInterface[],
): Generator<CaptureFrame, void> {
  const { little, unitNs } = form
  interfaces.push(readHeader(source, form))
  for (let offset: number = HEADER.BYTES; offset < source.length;) {
    const there = source.length - offset
    if (there < RECORD.BYTES) throw cutOff(offset, there, RECORD.BYTES)
    const head = source.read(offset, offset + RECORD.BYTES)
    const view = new DataView(head.buffer, head.byteOffset, RECORD.BYTES)
    const captured = view.getUint32(RECORD.CAPTURED, little)
    if (captured > MOST_BLOCK_BYTES)
      throw new Damage(
        offset,
        `The frame at ${at(offset)} claims ${captured} bytes; no frame has more than ${MOST_BLOCK_BYTES}. It is damaged; what lies before it was read.`,
      )
    const end = offset + RECORD.BYTES + captured
    if (end > source.length) throw cutOff(offset, there, RECORD.BYTES + captured)
    const seconds = BigInt(view.getUint32(RECORD.SECONDS, little))
    yield {
      interface: 0,
      timeNs: seconds * 1_000_000_000n + BigInt(view.getUint32(RECORD.FRACTION, little)) * unitNs,
      direction: undefined,
      length: view.getUint32(RECORD.ORIGINAL, little),
      bytes: source.read(offset + RECORD.BYTES, end),
      comment: '',
      offset,
    }
    offset = end
  }
}
