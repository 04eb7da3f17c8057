/** Every command once: the palette, the keys, the toolbar, tooltips and the native menu all come from this table. */
import { computed, shallowRef, type ComputedRef } from 'vue'
import { chordLabel, chordOf, chordText, effectiveBindings, type Binding, type KeyLike } from '../model/keys'
import { useNotices } from '../stores/notices'
import { useSettings } from '../stores/settings'

export interface Command {
  /** 'run.start'; also what the native menu sends. */
  readonly id: string
  readonly title: string
  /** Shown before the title in the palette: 'Run', 'View'. */
  readonly group: string
  readonly keys?: readonly string[]
  /** codicon name without its prefix. */
  readonly icon?: string
  /** Absent: always. */
  readonly enabled?: () => boolean
  readonly run: () => unknown
}

/** Commands that a held key may repeat. */
const REPEATABLE = new Set(['run.stepOver', 'run.stepInto', 'view.zoomIn', 'view.zoomOut'])

const table = shallowRef<readonly Command[]>([])

export const isMac = /Mac/.test(globalThis.navigator?.platform ?? '')

export const installCommands = (commands: readonly Command[]): void => {
  table.value = commands
}

export const allCommands = (): readonly Command[] => table.value
export const commandById = (id: string): Command | undefined => table.value.find((command) => command.id === id)
export const isEnabled = (command: Command): boolean => command.enabled?.() ?? true

export async function runCommand(id: string): Promise<void> {
  const command = commandById(id)
  if (!command || !isEnabled(command)) return
  try {
    await command.run()
  } catch (error) {
    useNotices().failed(error)
  }
}

export const defaultBindings = (): Binding[] => table.value.map(({ id, keys = [] }) => ({ command: id, keys }))
export const bindings = (): Binding[] => effectiveBindings(defaultBindings(), useSettings().keys)

/** First key of a command as a person reads it; '' when it has none. */
export const keyOf = (id: string): string =>
  chordLabel(bindings().find((binding) => binding.command === id)?.keys[0] ?? '', isMac)

/** Tooltip of a button: what it does and the key for it, as bound now. */
export function useTip(id: string): ComputedRef<string> {
  return computed(() => {
    const key = keyOf(id)
    return `${commandById(id)?.title ?? id}${key ? ` (${key})` : ''}`
  })
}

/** undefined: the key means nothing to us. A bound key whose commands are all disabled is still ours: F5 never reloads. */
export function commandsForKey(event: KeyLike): Command[] | undefined {
  const chord = chordOf(event, isMac)
  if (!chord) return undefined
  const text = chordText(chord)
  const ids = bindings()
    .filter((binding) => binding.keys.includes(text))
    .map((binding) => binding.command)
  return ids.length ? table.value.filter((command) => ids.includes(command.id)) : undefined
}

/** Works in any focused panel, Monaco included: it listens in the capture phase, before the focused element. */
export function installKeyboard(target: Window): () => void {
  const listen = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    const commands = commandsForKey(event)
    if (!commands) return
    event.preventDefault()
    event.stopPropagation()
    const command = commands.find(isEnabled)
    if (command && (!event.repeat || REPEATABLE.has(command.id))) void runCommand(command.id)
  }
  target.addEventListener('keydown', listen, { capture: true })
  return () => target.removeEventListener('keydown', listen, { capture: true })
}
