/** Wrong use of a NIC by its driver: what DeviceHost.misused reports. One table for all models; a model may break a part of them only. */
export interface NicRule {
  /** As it stands in reports. */
  readonly name: string
  /** What the driver did. */
  readonly meaning: string
  /** What comes of it on a machine. */
  readonly why: string
  readonly mend: string
}

export const NIC_RULES = [
  {
    name: 'NicRegisterWidth',
    meaning: 'A register was written with another width than its own, or across its border.',
    why: 'What the other bits become is up to the bus and the device: here the write is lost.',
    mend: 'Write 32 bits at the offset of the register, with NdisWriteRegisterUlong for instance.',
  },
  {
    name: 'NicRegisterReadOnly',
    meaning: 'A register that can only be read was written.',
    why: 'Nothing happens, and the driver believes that something did.',
    mend: 'Look at the access of the register in the data sheet, and at the offset that was meant.',
  },
  {
    name: 'NicRingBase',
    meaning: 'A ring of descriptors was given at an address that is not aligned as the device needs it.',
    why: 'The lowest bits of the address do not exist in the device: it would read descriptors that are none.',
    mend: 'Allocate as many bytes more as the alignment asks for, and begin the ring at the first address that fits.',
  },
  {
    name: 'NicRingLength',
    meaning: 'A ring was given a length that the device does not have.',
    why: 'The device would run off its end, or use a part of it only.',
    mend: 'Take a length that the data sheet permits, in the unit that it counts in.',
  },
  {
    name: 'NicRingInUse',
    meaning: 'A register of a ring was written while the device works on the ring.',
    why: 'The device goes on in the middle of a ring that is another one now.',
    mend: 'Stop the device, set the ring up, start it again.',
  },
  {
    name: 'NicNotRunning',
    meaning: 'The device was told to do something while it is stopped.',
    why: 'It does nothing, and nothing tells the driver.',
    mend: 'Start the device first; after a stop keep what is to be sent, or complete it as failed.',
  },
  {
    name: 'NicDescriptorTouched',
    meaning: 'A descriptor was changed by the driver while the device owned it.',
    why: 'The device may have read it before, or half before: the change works one time and not the next.',
    mend: 'Fill in the whole descriptor, then give it away as the last step; touch it again when the device gave it back.',
  },
  {
    name: 'NicSendSize',
    meaning: 'A frame to be sent is shorter than its header or longer than a frame may be.',
    why: 'It cannot be sent.',
    mend: 'Refuse such a frame in the driver; give the length of the frame, not that of the buffer.',
  },
  {
    name: 'NicReceiveSize',
    meaning: 'A buffer to receive into is shorter than a frame that arrived.',
    why: 'The frame is lost: the device does not cut frames, and never writes behind a buffer.',
    mend: 'Give buffers with room for the longest frame.',
  },
  {
    name: 'NicRegisterInReset',
    meaning: 'A register was written while the device resets itself.',
    why: 'The write is lost, or leaves the device half set up.',
    mend: 'Wait as long as the data sheet says after a reset, with NdisStallExecution or NdisMSleep.',
  },
  {
    name: 'NicRingMissing',
    meaning: 'The transmitter or the receiver was enabled without a ring.',
    why: 'The device takes descriptors from physical address 0, or has none to take.',
    mend: 'Program base, length, head and tail of the ring first, then enable it.',
  },
  {
    name: 'NicTailRange',
    meaning: 'The head or the tail of a ring was set outside of it.',
    why: 'The head never meets the tail: the device hangs, or runs round the ring for ever.',
    mend: 'Wrap the index at the end of the ring: it is always less than the number of descriptors.',
  },
  {
    name: 'NicDescriptorLength',
    meaning: 'A descriptor to be sent has a length that the device does not take.',
    why: 'Nothing is sent for it, or the transmitter hangs.',
    mend: 'Leave out empty fragments of a frame; look up the longest one in the data sheet.',
  },
  {
    name: 'NicDescriptorType',
    meaning: 'A descriptor to be sent is of a type that the device does not have.',
    why: 'What becomes of it is undefined: here it is passed over.',
    mend: 'Zero a descriptor before it is filled in, and take the types of the data sheet.',
  },
  {
    name: 'NicDescriptorContext',
    meaning: 'A descriptor demands checksums or segmentation that its context does not fit.',
    why: 'The frame goes out with wrong bytes in it, or not at all.',
    mend: 'Put a context with offsets, header length and segment size that fit the frame in front of its data descriptors.',
  },
] as const satisfies readonly NicRule[]

/** `rule` of DeviceHost.misused. */
export type NicRuleName = (typeof NIC_RULES)[number]['name']
