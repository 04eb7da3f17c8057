import { describe, expect, it } from 'vitest'
import { chordLabel, chordOf, chordText, clashes, effectiveBindings, parseChord } from './keys'

const press = (
  key: string,
  modifiers: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {},
) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...modifiers,
})

describe('chords', () => {
  it('have one spelling, however they are written or pressed', () => {
    expect(chordText(parseChord('shift+ctrl+p'))).toBe('Ctrl+Shift+P')
    const pressed = chordOf(press('P', { ctrlKey: true, shiftKey: true }), false)
    expect(pressed && chordText(pressed)).toBe('Ctrl+Shift+P')
  })
  it('mean Command on a Mac', () => {
    const pressed = chordOf(press('s', { metaKey: true }), true)
    expect(pressed && chordText(pressed)).toBe('Ctrl+S')
    expect(chordLabel('Ctrl+Shift+P', true)).toBe('⌘⇧P')
  })
  it('need a key beside the modifiers', () => {
    expect(chordOf(press('Shift', { shiftKey: true }), false)).toBeUndefined()
  })
})

describe('bindings', () => {
  const defaults = [
    { command: 'run.start', keys: ['F5'] },
    { command: 'run.stop', keys: ['Shift+F5'] },
  ]
  it("put a person's own keys above the defaults", () => {
    expect(effectiveBindings(defaults, { 'run.stop': ['ctrl+f2'] })[1]?.keys).toEqual(['Ctrl+F2'])
    expect(effectiveBindings(defaults, { 'run.stop': [] })[1]?.keys).toEqual([])
  })
  it('report clashes with other commands only', () => {
    expect(clashes(defaults, 'run.stop', 'F5')).toEqual(['run.start'])
    expect(clashes(defaults, 'run.start', 'F5')).toEqual([])
  })
})
