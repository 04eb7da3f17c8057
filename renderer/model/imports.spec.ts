import { expect, it } from 'vitest'
import { importCandidates } from './imports'

it('names the files that relative imports may mean, and no packages', () => {
  const text =
    "import { x } from './lib/pool'\nexport * from '../shared.js'\nimport 'ndis'\nimport type { Y } from './y.ts'"
  expect(importCandidates('/d/echo/driver.ts', text)).toEqual([
    ['/d/echo/lib/pool.ts', '/d/echo/lib/pool/index.ts'],
    ['/d/shared.ts', '/d/shared.js/index.ts'],
    ['/d/echo/y.ts'],
  ])
})

it('keeps the separators of the system', () => {
  expect(importCandidates('C:\\d\\driver.ts', "import './pool'")[0]?.[0]).toBe('C:\\d\\pool.ts')
})
