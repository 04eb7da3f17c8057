import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { constant } from './constants'
import { countedText } from './counted-text'
import type { RegistryKey } from './registry'
import { keyBelow, type RegistryTree } from './registry-tree'
import { valueBytes, type ValueBytes } from './registry-value'
import { createStringBuffers, type Text } from './string-buffer'

const ATTRIBUTES = layout('OBJECT_ATTRIBUTES', 'Length', 'RootDirectory', 'ObjectName', 'Attributes')
const BASIC = layout('KEY_VALUE_BASIC_INFORMATION', 'TitleIndex', 'Type', 'NameLength', 'Name')
const FULL = layout(
  'KEY_VALUE_FULL_INFORMATION',
  'TitleIndex',
  'Type',
  'DataOffset',
  'DataLength',
  'NameLength',
  'Name',
)
const PARTIAL = layout('KEY_VALUE_PARTIAL_INFORMATION', 'TitleIndex', 'Type', 'DataLength', 'Data')
export const KEY_OBJECT = 'registry key'
/** 'Key ' */
const KEY_TAG = 0x2079654b
const KEY_BYTES = 16

const SUCCESS = constant('STATUS_SUCCESS')
const INVALID_PARAMETER = constant('STATUS_INVALID_PARAMETER')
const INVALID_HANDLE = constant('STATUS_INVALID_HANDLE')
const NAME_NOT_FOUND = constant('STATUS_OBJECT_NAME_NOT_FOUND')
const PATH_SYNTAX_BAD = constant('STATUS_OBJECT_PATH_SYNTAX_BAD')
const NO_RESOURCES = constant('STATUS_INSUFFICIENT_RESOURCES')
const BUFFER_TOO_SMALL = constant('STATUS_BUFFER_TOO_SMALL')
const BUFFER_OVERFLOW = constant('STATUS_BUFFER_OVERFLOW')
/** Where RelativeTo of the Rtl registry routines points; others than these have nothing for a driver of this machine. */
const SET = '\\Registry\\Machine\\System\\CurrentControlSet'
const RELATIVE_TO: Readonly<Record<number, string>> = {
  [constant('RTL_REGISTRY_ABSOLUTE')]: '',
  [constant('RTL_REGISTRY_SERVICES')]: `${SET}\\Services\\`,
  [constant('RTL_REGISTRY_CONTROL')]: `${SET}\\Control\\`,
}

/** What one class of information says of a value: the bytes, and how many of them the fixed part takes. */
interface Information {
  readonly bytes: Uint8Array
  readonly fixed: number
}

/** The three classes of ZwQueryValueKey; undefined for another. */
function inform(name: string, { type, data }: ValueBytes, kind: number): Information | undefined {
  const wide = Uint8Array.from({ length: 2 * name.length }, (_unused, i) => name.charCodeAt(i >> 1) >> (8 * (i & 1)))
  const record = (length: number, members: readonly (readonly [at: number, value: number])[]): Uint8Array => {
    const bytes = new Uint8Array(length)
    const view = new DataView(bytes.buffer)
    for (const [at, value] of members) view.setUint32(at, value, true)
    return bytes
  }
  if (kind === constant('KeyValueBasicInformation')) {
    const bytes = record(BASIC.Name + wide.length, [[BASIC.Type, type], [BASIC.NameLength, wide.length]]) // prettier-ignore
    bytes.set(wide, BASIC.Name)
    return { bytes, fixed: BASIC.Name }
  }
  if (kind === constant('KeyValueFullInformation')) {
    const at = (FULL.Name + wide.length + 3) & ~3
    const bytes = record(at + data.length, [
      [FULL.Type, type], [FULL.DataOffset, at], [FULL.DataLength, data.length], [FULL.NameLength, wide.length],
    ]) // prettier-ignore
    bytes.set(wide, FULL.Name)
    bytes.set(data, at)
    return { bytes, fixed: FULL.Name }
  }
  if (kind !== constant('KeyValuePartialInformation')) return undefined
  const bytes = record(PARTIAL.Data + data.length, [[PARTIAL.Type, type], [PARTIAL.DataLength, data.length]]) // prettier-ignore
  bytes.set(data, PARTIAL.Data)
  return { bytes, fixed: PARTIAL.Data }
}

/** The registry as the kernel gives it to drivers (WDM zwopenkey, zwqueryvaluekey, zwclose; rtlcheckregistrykey). */
export function createRegistryCalls(k: Kernel, tree: RegistryTree) {
  const { space, objects, preempt } = k
  const { r32, w32 } = space
  const { put32 } = k.cells
  const strings = createStringBuffers(k)
  const open = new Map<number, RegistryKey>()

  /** The key that OBJECT_ATTRIBUTES name, or a status. */
  function find(attributes: number): RegistryKey | number {
    if (r32(attributes + ATTRIBUTES.Length) !== ATTRIBUTES.SIZE) return INVALID_PARAMETER
    const path = countedText(k, r32(attributes + ATTRIBUTES.ObjectName))
    const root = r32(attributes + ATTRIBUTES.RootDirectory)
    if (root === 0) return path.startsWith('\\') ? (tree.absolute(path) ?? NAME_NOT_FOUND) : PATH_SYNTAX_BAD
    const key = open.get(root)
    if (!key) return INVALID_HANDLE
    return path.startsWith('\\') ? PATH_SYNTAX_BAD : (keyBelow(key, path) ?? NAME_NOT_FOUND)
  }
  return {
    InitializeObjectAttributes(p: number, n: number, a: number, r: number, s: number): void {
      space.fill(p, ATTRIBUTES.SIZE, 0)
      w32(p + ATTRIBUTES.Length, ATTRIBUTES.SIZE)
      w32(p + ATTRIBUTES.RootDirectory, r ?? 0)
      w32(p + ATTRIBUTES.ObjectName, n ?? 0)
      w32(p + ATTRIBUTES.Attributes, a)
      w32(p + ATTRIBUTES.Attributes + 4, s ?? 0)
      preempt()
    },
    ZwOpenKey(KeyHandle: OutParam, _DesiredAccess: number, ObjectAttributes: number): number {
      preempt()
      const key = find(ObjectAttributes)
      if (typeof key === 'number') return key
      const handle = objects.create(KEY_OBJECT, KEY_TAG, KEY_BYTES)
      if (handle === 0) return NO_RESOURCES
      open.set(handle, key)
      put32(KeyHandle, handle)
      return SUCCESS
    },
    ZwQueryValueKey(
      KeyHandle: number,
      ValueName: number,
      KeyValueInformationClass: number,
      KeyValueInformation: number,
      Length: number,
      ResultLength: OutParam,
    ): number {
      preempt()
      const key = open.get(KeyHandle)
      if (!key) return INVALID_HANDLE
      const name = countedText(k, ValueName)
      const value = key.value(name)
      if (!value) return NAME_NOT_FOUND
      const information = inform(name, valueBytes(value), KeyValueInformationClass)
      if (!information) return INVALID_PARAMETER
      const { bytes, fixed } = information
      const room = Length >>> 0
      put32(ResultLength, bytes.length)
      if (room < fixed) return BUFFER_TOO_SMALL
      space.u8.set(bytes.subarray(0, room), KeyValueInformation)
      return room < bytes.length ? BUFFER_OVERFLOW : SUCCESS
    },
    ZwClose(Handle: number): number {
      preempt()
      if (!open.delete(Handle)) return INVALID_HANDLE
      objects.destroy(Handle)
      return SUCCESS
    },
    RtlCheckRegistryKey(RelativeTo: number, Path: Text): number {
      preempt()
      const from = RELATIVE_TO[RelativeTo]
      const path = strings.textOf(Path, 2)
      return from !== undefined && tree.absolute(from + path) ? SUCCESS : NAME_NOT_FOUND
    },
  }
}
