/** Finding functions for call breakpoints by a part of their name, their kind, or a wildcard. */
import { byLengthAsc, Fzf } from 'fzf'

export interface CallChoice {
  readonly name: string
  readonly category: string
  readonly summary: string
  readonly implemented: boolean
}

const MOST = 60

/** What can be called comes before what cannot; the order among equals stays. */
const usableFirst = (choices: readonly CallChoice[]): CallChoice[] => [
  ...choices.filter((choice) => choice.implemented),
  ...choices.filter((choice) => !choice.implemented),
]

const pattern = (text: string): CallChoice => ({
  name: text,
  category: 'by name',
  summary: 'Every function whose name fits',
  implemented: true,
})

export function createCallSearch(choices: readonly CallChoice[]): (query: string) => readonly CallChoice[] {
  const names = new Fzf([...choices], {
    selector: (choice) => choice.name,
    tiebreakers: [byLengthAsc],
    casing: 'case-insensitive',
  })
  return (query) => {
    const text = query.trim()
    if (!text) return choices.slice(0, MOST)
    const known = choices.some((choice) => choice.name === text)
    if (text.includes('*') && !known) return [pattern(text)]
    const byName = names.find(text).map((result) => result.item)
    const byKind = choices.filter(
      (choice) => choice.category.startsWith(text.toLowerCase()) && !byName.includes(choice),
    )
    return usableFirst([...byName, ...byKind]).slice(0, MOST)
  }
}
