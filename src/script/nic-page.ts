import { NIC_TABLES } from '../core/nic/nic-tables'
import {
  strideOf,
  type BitField,
  type DescriptorField,
  type NicTable,
  type RegisterTable,
  type RingTable,
} from '../core/nic/register-table'

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`
const cell = (text: string): string => text.replaceAll('|', '\\|')
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

const bits = ({ shift, width }: BitField): string => (width === 1 ? `${shift}` : `${shift + width - 1}:${shift}`)
const values = ({ values: named = {} }: BitField): string =>
  Object.entries(named)
    .map(([value, meaning]) => `${value} = ${meaning}`)
    .join(', ')
const about = (field: BitField): string => [field.doc, values(field)].filter(Boolean).join(': ')

function place(register: RegisterTable): string {
  const { offset, count } = register
  const first = hex(offset, 4)
  return count === undefined ? first : `${first} + ${strideOf(register)}n, n < ${count}`
}
const summary = (register: RegisterTable): string =>
  row(
    `\`${register.name}\``,
    place(register),
    register.access,
    hex(register.reset, 8),
    register.doc,
    register.section ?? '',
  )
const fieldRow = (field: BitField): string => row(`\`${field.name}\``, bits(field), about(field))

function registerFields({ name, fields = [] }: RegisterTable): string {
  return [`#### ${name}`, '', row('field', 'bits', ''), row('---', '---', '---'), ...fields.map(fieldRow)].join('\n')
}
function group(name: string, registers: readonly RegisterTable[]): string {
  const table = [
    row('register', 'offset', 'access', 'reset', '', 'manual'),
    row('---', '---', '---', '---', '---', '---'),
    ...registers.map(summary),
  ].join('\n')
  const detailed = registers.filter(({ fields = [] }) => fields.length > 0)
  return [`### ${name}`, table, ...detailed.map(registerFields)].join('\n\n')
}

function span({ offset, shift = 0, width }: DescriptorField): string {
  const whole = shift === 0 && width % 8 === 0
  return whole ? `${offset}, ${width / 8} bytes` : `${offset}, bits ${shift + width - 1}:${shift}`
}
const descriptorRows = (field: DescriptorField): string[] => [
  row(`\`${field.name}\``, span(field), field.doc),
  ...(field.bits ?? []).map((bit) => row(`\`${field.name}.${bit.name}\``, `bits ${bits(bit)}`, about(bit))),
]
function ringSection(ring: RingTable): string {
  const registers = [ring.baseLow, ring.baseHigh, ring.length.register, ring.head, ring.tail].filter(Boolean)
  const layouts = ring.layouts.map((layout) =>
    [
      `#### ${layout.name} descriptor, ${ring.descriptorBytes} bytes`,
      '',
      layout.doc,
      '',
      row('field', 'at byte', ''),
      row('---', '---', '---'),
      ...layout.fields.flatMap(descriptorRows),
    ].join('\n'),
  )
  return [`### ${ring.name}`, `${ring.doc} Registers: ${registers.join(', ')}.`, ...layouts].join('\n\n')
}

/** The reference page of a NIC: every register that the model has, its bits, its rings. */
export function nicMarkdown({ title, source, registers, rings }: NicTable): string {
  const groups = [...new Set(registers.map((register) => register.group))]
  return [
    `# ${title}: register reference`,
    `What the emulated device has, made from the table that it is made of. RO read only, RW read and write, WO write only, RC cleared by reading, W1C cleared by writing ones. Offsets in bytes from the start of the memory BAR. ${source}`,
    '## Registers',
    ...groups.map((name) =>
      group(
        name,
        registers.filter((register) => register.group === name),
      ),
    ),
    '## Rings',
    ...rings.map(ringSection),
  ]
    .join('\n\n')
    .concat('\n')
}

/** The reference pages by file name: of the models that have no page of their own in docs. */
export const nicPages = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(NIC_TABLES)
      .filter(([, { source }]) => !source.startsWith('docs/'))
      .map(([model, table]) => [`nic-${model.toLowerCase()}.md`, nicMarkdown(table)]),
  )
