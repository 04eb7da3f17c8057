/**
 * Which spec tests a function: of those that name it, the one that names it most often; of equals the first by path.
 *
 * @param specs Texts of the specs by path.
 */
export function testedBy(specs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const best = new Map<string, { readonly file: string; readonly times: number }>()
  for (const [file, text] of [...specs].sort(([left], [right]) => (left < right ? -1 : 1)))
    for (const [name, times] of wordsOf(text)) if (times > (best.get(name)?.times ?? 0)) best.set(name, { file, times })
  return new Map([...best].map(([name, { file }]) => [name, file]))
}

/** How often each identifier stands in a text. */
function wordsOf(text: string): ReadonlyMap<string, number> {
  const words = new Map<string, number>()
  for (const [word] of text.matchAll(/\b[A-Za-z_]\w*\b/g)) words.set(word, (words.get(word) ?? 0) + 1)
  return words
}
