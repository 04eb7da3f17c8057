import { at, Damage, MOST_BLOCK_BYTES, type ByteSource, type CaptureFrame, type CaptureInterface } from './capture'
import { BLOCK, BLOCK_FRAME_BYTES, BODY, BYTE_ORDER_MAGIC, MAJOR_VERSION } from './pcapng'
import { interfaceOptions, nanoseconds, packetOptions, type Block, type TimeBase } from './pcapng-options'

/** Where the fields of the blocks lie, from the start of the block. */
const SHB = { MAGIC: 8, MAJOR: 12, BYTES: 28 } as const
const IDB = { LINK_TYPE: 8, SNAP_LENGTH: 12, OPTIONS: 16 } as const
const EPB = { INTERFACE: 8, HIGH: 12, LOW: 16, CAPTURED: 20, ORIGINAL: 24, DATA: 28 } as const
const SPB = { ORIGINAL: 8, DATA: 12 } as const

/** What the blocks of a section are read with. */
export interface Section {
  readonly little: boolean
  /** Of the interfaces of the file, the first of this section. */
  readonly firstInterface: number
  /** One an interface of this section. */
  readonly timeBases: TimeBase[]
}

/** A block too short for what its type has in it. */
function need({ bytes, offset }: Block, least: number): void {
  if (bytes.length >= least + 4) return
  throw new Damage(
    offset,
    `The block at ${at(offset)} has ${bytes.length} bytes, its type needs ${least + 4}. It is damaged; what lies before it was read.`,
  )
}

/** Bytes at the beginning of a block that tell its length: more of it is not read before that is checked. */
const FRAME_START = 12

/** The byte order of the section that begins here. */
function byteOrder(source: ByteSource, offset: number): boolean {
  if (source.length - offset < FRAME_START) throw cutOff(offset, source.length - offset, SHB.BYTES)
  const head = source.read(offset, offset + FRAME_START)
  const magic = new DataView(head.buffer, head.byteOffset, FRAME_START).getUint32(SHB.MAGIC, true)
  if (magic === BYTE_ORDER_MAGIC) return true
  if (magic === swapped(BYTE_ORDER_MAGIC)) return false
  throw new Damage(
    offset,
    `The section at ${at(offset)} has no byte order: its magic number is 0x${magic.toString(16)}. It is damaged; what lies before it was read.`,
  )
}
const swapped = (word: number): number =>
  ((word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff_0000) | (word << 24)) >>> 0

const cutOff = (offset: number, there: number, claimed: number): Damage =>
  new Damage(
    offset,
    `The file ends within the block at ${at(offset)}: ${there} of ${claimed} bytes are there. It was cut off when it was written or copied; what lies before was read.`,
  )

/** @throws Damage for a length that cannot be, or of which the file has less. */
function readBlock(source: ByteSource, offset: number, little: boolean): Block {
  const there = source.length - offset
  if (there < BLOCK_FRAME_BYTES) throw cutOff(offset, there, BLOCK_FRAME_BYTES)
  const head = source.read(offset, offset + BODY)
  const length = new DataView(head.buffer, head.byteOffset, BODY).getUint32(4, little)
  if (length < BLOCK_FRAME_BYTES || length % 4 !== 0 || length > MOST_BLOCK_BYTES)
    throw new Damage(
      offset,
      `The block at ${at(offset)} claims a length of ${length} bytes, which no block has (multiples of 4 from 12 to ${MOST_BLOCK_BYTES}). It is damaged; what lies before it was read.`,
    )
  if (length > there) throw cutOff(offset, there, length)
  const bytes = source.read(offset, offset + length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  const again = view.getUint32(length - 4, little)
  if (again !== length)
    throw new Damage(
      offset,
      `The block at ${at(offset)} begins with the length ${length} and ends with ${again}. It is damaged; what lies before it was read.`,
    )
  return { bytes, view, little, offset }
}

function beginSection(block: Block, interfaces: number): Section {
  need(block, SHB.BYTES - 4)
  const major = block.view.getUint16(SHB.MAJOR, block.little)
  if (major !== MAJOR_VERSION)
    throw new Damage(
      block.offset,
      `The section at ${at(block.offset)} is of pcapng version ${major}; known is version ${MAJOR_VERSION}. Convert the file with a newer Wireshark: editcap -F pcapng.`,
    )
  return { little: block.little, firstInterface: interfaces, timeBases: [] }
}

function addInterface(block: Block, section: Section, interfaces: CaptureInterface[]): void {
  need(block, IDB.OPTIONS)
  const { timeBase, ...named } = interfaceOptions(block, IDB.OPTIONS)
  section.timeBases.push(timeBase)
  interfaces.push({
    ...named,
    linkType: block.view.getUint16(IDB.LINK_TYPE, block.little),
    snapLength: block.view.getUint32(IDB.SNAP_LENGTH, block.little),
  })
}

function timeBaseOf({ offset }: Block, section: Section, index: number): TimeBase {
  const base = section.timeBases[index]
  if (base) return base
  throw new Damage(
    offset,
    `The frame at ${at(offset)} is of interface ${index}, its section has ${section.timeBases.length}. It is damaged; what lies before it was read.`,
  )
}

function frameBytes(block: Block, from: number, captured: number): Uint8Array {
  const room = block.bytes.length - 4 - from
  if (captured <= room) return block.bytes.subarray(from, from + captured)
  throw new Damage(
    block.offset,
    `The frame at ${at(block.offset)} claims ${captured} bytes, its block has room for ${room}. It is damaged; what lies before it was read.`,
  )
}

/** An Enhanced Packet Block, or the obsolete Packet Block, whose interface is half as wide. */
function packet(block: Block, section: Section, index: number): CaptureFrame {
  const { view, little, offset } = block
  const base = timeBaseOf(block, section, index)
  const captured = view.getUint32(EPB.CAPTURED, little)
  const bytes = frameBytes(block, EPB.DATA, captured)
  return {
    interface: section.firstInterface + index,
    timeNs: nanoseconds(view.getUint32(EPB.HIGH, little), view.getUint32(EPB.LOW, little), base),
    length: view.getUint32(EPB.ORIGINAL, little),
    bytes,
    offset,
    ...packetOptions(block, EPB.DATA + ((captured + 3) & ~3)),
  }
}

/** A Simple Packet Block: no time, no options, and of the first interface. */
function simplePacket(block: Block, section: Section, interfaces: readonly CaptureInterface[]): CaptureFrame {
  need(block, SPB.DATA)
  timeBaseOf(block, section, 0)
  const length = block.view.getUint32(SPB.ORIGINAL, block.little)
  const { snapLength } = interfaces[section.firstInterface]!
  const captured = snapLength === 0 ? length : Math.min(length, snapLength)
  return {
    interface: section.firstInterface,
    timeNs: undefined,
    direction: undefined,
    length,
    bytes: frameBytes(block, SPB.DATA, captured),
    comment: '',
    offset: block.offset,
  }
}

/** The frame in a block of a section; undefined for a block of another kind. Throws Damage. */
function readPacket(block: Block, section: Section, interfaces: readonly CaptureInterface[]): CaptureFrame | undefined {
  switch (block.view.getUint32(0, block.little)) {
    case BLOCK.ENHANCED_PACKET:
      need(block, EPB.DATA)
      return packet(block, section, block.view.getUint32(EPB.INTERFACE, block.little))
    case BLOCK.PACKET:
      need(block, EPB.DATA)
      return packet(block, section, block.view.getUint16(EPB.INTERFACE, block.little))
    case BLOCK.SIMPLE_PACKET:
      return simplePacket(block, section, interfaces)
    default:
      return undefined
  }
}

const isSectionHeader = (source: ByteSource, offset: number): boolean => {
  if (source.length - offset < 4) return false
  const head = source.read(offset, offset + 4)
  return new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true) === BLOCK.SECTION_HEADER
}

/**
 * The frames of a pcapng file in their order; `interfaces` grows as they are described. Unknown blocks are skipped.
 *
 * @throws Damage where it cannot be read on.
 */
export function* pcapngFrames(source: ByteSource, interfaces: CaptureInterface[]): Generator<CaptureFrame, void> {
  let section: Section = { little: true, firstInterface: 0, timeBases: [] }
  for (let offset = 0; offset < source.length;) {
    const begins = isSectionHeader(source, offset)
    const block = readBlock(source, offset, begins ? byteOrder(source, offset) : section.little)
    if (begins) section = beginSection(block, interfaces.length)
    else if (block.view.getUint32(0, block.little) === BLOCK.INTERFACE_DESCRIPTION)
      addInterface(block, section, interfaces)
    else {
      const frame = readPacket(block, section, interfaces)
      if (frame) yield frame
    }
    offset += block.bytes.length
  }
}
