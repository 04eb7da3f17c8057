import type { AddressSpace } from '../memory/address-space'
import { layout } from '../memory/layout'

const HEADER = layout('NDIS_OBJECT_HEADER', 'Type', 'Revision', 'Size')

/** What the NDIS_OBJECT_HEADER of an argument must say: its type, and at least the bytes of its first revision. */
export interface ExpectedHeader {
  readonly type: number
  readonly size: number
}

export const objectType = (space: AddressSpace, address: number): number => space.r8(address + HEADER.Type)

/** Whether the header at the address is of the type, has a revision and is large enough. */
export const isObject = (space: AddressSpace, address: number, expected: ExpectedHeader): boolean =>
  objectType(space, address) === expected.type &&
  space.r8(address + HEADER.Revision) >= 1 &&
  space.r16(address + HEADER.Size) >= expected.size

export function writeHeader(space: AddressSpace, address: number, type: number, revision: number, size: number): void {
  space.w8(address + HEADER.Type, type)
  space.w8(address + HEADER.Revision, revision)
  space.w16(address + HEADER.Size, size)
}
