import type { RemoteObject } from '../cdp/protocol'

/** Kernel addresses begin behind the null page. */
const LOWEST_ADDRESS = 0x1_0000
const HIGHEST_ADDRESS = 0x7fff_ffff
/** The loader's own names begin so; a person never sees them. */
export const OWN_PREFIX = '$ndis'

export const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`

const isAddress = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= LOWEST_ADDRESS && value <= HIGHEST_ADDRESS

/** How a value reads in a variables panel, and where it points when it is an address. */
export function showValue(object: RemoteObject): { value: string; type: string; memoryReference?: string } {
  const type = object.className ?? object.type
  if (object.type === 'number' && isAddress(object.value))
    return { value: `${hex(object.value)} (${object.value})`, type: 'number', memoryReference: hex(object.value) }
  if (object.type === 'number' && typeof object.value === 'number' && object.value < -0xffff)
    return { value: `${hex(object.value)} (${object.value})`, type: 'number' }
  if (object.type === 'string') return { value: JSON.stringify(object.value), type: 'string' }
  if (object.type === 'undefined') return { value: 'undefined', type: 'undefined' }
  if (object.subtype === 'null') return { value: 'null', type: 'null' }
  if (object.type === 'function')
    return {
      value: `ƒ ${/^(?:async )?(?:function\*? ?)?([\w$]*)/.exec(object.description ?? '')?.[1] ?? ''}`,
      type: 'function',
    }
  const cell = object.preview?.properties.find((property) => property.name === 'value')
  if (object.className === 'Out' && cell) {
    const number = Number(cell.value)
    const pointer = cell.type === 'number' && isAddress(number)
    return {
      value: `{ value: ${pointer ? hex(number) : (cell.value ?? cell.type)} }`,
      type: 'Out',
      ...(pointer && { memoryReference: hex(number) }),
    }
  }
  return { value: object.unserializableValue ?? object.description ?? String(object.value), type }
}
