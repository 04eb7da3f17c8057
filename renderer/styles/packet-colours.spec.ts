import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { COLOUR_RULES } from '../../src/core/wire/formats/dissect/colours.table'

const read = (name: string): string => readFileSync(path.join(import.meta.dirname, name), 'utf8')
const TOKENS = read('tokens.css')
const CLASSES = read('packets.css')

/** Values of one theme by the name of their token. */
function theme(name: string): ReadonlyMap<string, string> {
  const body = new RegExp(`\\[data-theme='${name}'\\] \\{([^}]*)\\}`).exec(TOKENS)?.[1] ?? ''
  return new Map([...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, token, value]) => [token!, value!]))
}
/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const COLOURS = [...new Set(COLOUR_RULES.map(({ colour }) => colour))]

describe.each(['dark', 'light'])('rows of packets in the %s theme', (name) => {
  const tokens = theme(name)
  it.each(COLOURS)('%s: text can be read on it', (colour) => {
    const background = tokens.get(`packet-${colour}`)
    expect(background).toBeDefined()
    expect(contrast(tokens.get('text')!, background!)).toBeGreaterThanOrEqual(4.5)
  })
})

it.each(COLOURS)('%s has a class', (colour) =>
  expect(CLASSES).toContain(`.packet-${colour} {\n  background: var(--packet-${colour});`),
)
