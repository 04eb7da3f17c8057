/** Key chords: 'Ctrl+Shift+F5'. `Ctrl` stands for Command on a Mac, as in every editor. */

export interface Chord {
  readonly ctrl: boolean
  readonly shift: boolean
  readonly alt: boolean
  /** KeyboardEvent.key, upper case when it is a letter. */
  readonly key: string
}

/** The part of a KeyboardEvent that matters here. */
export interface KeyLike {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly altKey: boolean
}

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  Escape: 'Esc',
  '+': 'Plus',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
}
const MODIFIER_KEYS = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph'])

const nameOf = (key: string): string => NAMES[key] ?? (/^(.|f\d+)$/i.test(key) ? key.toUpperCase() : key)

/** undefined when only a modifier is down. */
export function chordOf(event: KeyLike, mac: boolean): Chord | undefined {
  if (MODIFIER_KEYS.has(event.key)) return undefined
  return { ctrl: mac ? event.metaKey : event.ctrlKey, shift: event.shiftKey, alt: event.altKey, key: nameOf(event.key) }
}

export function parseChord(text: string): Chord {
  const parts = text.split('+').map((part) => part.trim())
  const key = parts.pop() ?? ''
  const modifiers = new Set(parts.map((part) => part.toLowerCase()))
  return { ctrl: modifiers.has('ctrl'), shift: modifiers.has('shift'), alt: modifiers.has('alt'), key: nameOf(key) }
}

/** Canonical text of a chord; two equal texts are the same keys. */
export const chordText = (chord: Chord): string =>
  [chord.ctrl && 'Ctrl', chord.alt && 'Alt', chord.shift && 'Shift', chord.key].filter(Boolean).join('+')

/** As shown to a person. */
export const chordLabel = (text: string, mac: boolean): string =>
  mac ? text.replace('Ctrl+', '⌘').replace('Alt+', '⌥').replace('Shift+', '⇧') : text

export interface Binding {
  readonly command: string
  /** Canonical chord texts. */
  readonly keys: readonly string[]
}

/** Defaults with the person's own keys on top; an empty list unbinds. */
export const effectiveBindings = (
  defaults: readonly Binding[],
  own: Readonly<Record<string, readonly string[]>>,
): Binding[] =>
  defaults.map(({ command, keys }) => ({
    command,
    keys: (own[command] ?? keys).map((key) => chordText(parseChord(key))),
  }))

/** Commands other than `command` that already use these keys. */
export const clashes = (bindings: readonly Binding[], command: string, key: string): string[] =>
  bindings
    .filter((binding) => binding.command !== command && binding.keys.includes(chordText(parseChord(key))))
    .map((binding) => binding.command)
