/** A frame as a capture holds it. */
export interface CapturedFrame {
  /** 1-based place in the capture. */
  readonly number: number
  /** Interface of the capture: the slot of a NIC in a live one. */
  readonly interface: number
  readonly interfaceName: string
  /** Undefined where the file does not say. */
  readonly direction?: 'in' | 'out' | undefined
  /** LINKTYPE_ number of tcpdump.org; ETHERNET where it is left out. */
  readonly linkType?: number
  /** Nanoseconds: of virtual time in a capture of the workbench, since the first frame in others. */
  readonly timeNs: number
  /** On the wire, bytes without the check sequence; `bytes` may hold fewer. */
  readonly length: number
  readonly bytes: Uint8Array
  readonly comment?: string | undefined
}
