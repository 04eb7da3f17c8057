/** Which files a module of a driver may import, as paths to try. */

const RELATIVE_IMPORT = /(?:\bfrom|\bimport)\s*(['"])(\.{1,2}\/[^'"\n]*)\1/g

/** Resolves '.' and '..' in an absolute path with '/' or '\' as separator, kept as it is. */
function join(folder: string, relative: string, separator: string): string {
  const parts = folder.split(separator)
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join(separator)
}

/** One list of candidates for each relative import, in the order in which the loader looks. */
export function importCandidates(path: string, text: string): string[][] {
  const separator = path.includes('\\') ? '\\' : '/'
  const folder = path.slice(0, path.lastIndexOf(separator))
  return [...text.matchAll(RELATIVE_IMPORT)].map(([, , specifier = '']) => {
    const full = join(folder, specifier, separator)
    if (full.endsWith('.ts')) return [full]
    return [`${full.replace(/\.js$/, '')}.ts`, `${full}${separator}index.ts`]
  })
}
