import { describe, expect, it } from 'vitest'
import { readConfiguration } from '../../src/shared/configuration-text'
import { addition, memberChange, nameChange, typeChange, type Change } from './keyword-table'

const FILE = `{
  "keywords": {
    "RingSize": { "type": "dword", "value": 64, "default": 32, "max": 128, "label": "Ring" },
    "Name": "7"
  }
}
`
const [ring, name] = readConfiguration(FILE).keywords as [never, never]
const apply = (change: Change) => {
  if ('problem' in change) throw new Error(change.problem)
  const { keywords, problems } = readConfiguration(change.change(FILE))
  expect(problems).toEqual([])
  return keywords
}
const refused = (change: Change) => ('problem' in change ? change.problem : undefined)

describe('the table of keywords', () => {
  it('changes members; an empty field takes one out', () => {
    expect(apply(memberChange(ring, 'value', '0x40'))[0]).toMatchObject({ value: 64 })
    expect(apply(memberChange(ring, 'value', ''))[0]).not.toHaveProperty('value')
    expect(apply(memberChange(ring, 'max', '4096'))[0]).toMatchObject({ max: 4096 })
    expect(apply(memberChange(name, 'label', '12'))[1]).toMatchObject({ value: '7', label: '12' })
    expect(refused(memberChange(ring, 'value', 'many'))).toMatch(
      /^RingSize\.value takes a whole number .*, not "many"$/,
    )
    expect(refused(memberChange(ring, 'min', 'few'))).toMatch(/^RingSize\.min takes a whole number/)
  })
  it('renames', () => {
    expect(apply(nameChange(name, ' Title '))[1]).toEqual({ name: 'Title', type: 'string', value: '7' })
  })
  it('changes the type where the values fit', () => {
    expect(apply(typeChange(name, 'dword'))[1]).toEqual({ name: 'Name', type: 'dword', value: 7 })
    expect(apply(typeChange(ring, 'string'))[0]).toEqual({
      name: 'RingSize',
      type: 'string',
      value: '64',
      default: '32',
      label: 'Ring',
    })
    expect(refused(typeChange(name, 'binary'))).toBe(
      'Name: "7" is no binary, which is bytes as pairs of hexadecimal digits in one text: "02 00 ff"',
    )
  })
  it('adds what is not there yet', () => {
    expect(apply(addition(FILE, ' Depth ', 'dword', ''))[2]).toEqual({ name: 'Depth', type: 'dword', value: 0 })
    expect(apply(addition(FILE, 'Key', 'binary', '00ff'))[2]).toMatchObject({ value: { binary: [0, 255] } })
    expect(refused(addition(FILE, 'RINGSIZE', 'dword', '1'))).toMatch(/^"RingSize" is there already/)
    expect(refused(addition(FILE, ' ', 'dword', '1'))).toMatch(/^Give the keyword a name/)
    expect(refused(addition(FILE, 'A', 'dword', 'x'))).toMatch(/^A takes a whole number/)
  })
})
