import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { API } from '../core/ndis/api'
import { implementedNames } from './derive'
import { testedBy } from './tested-by'
import { UNTESTED } from './untested.table'

const ROOT = path.resolve(import.meta.dirname, '../..')

test('the spec that names a function most often tests it; of equals the first by path', () => {
  const specs = new Map([
    ['b.spec.ts', 'NdisMSleep NdisMSleep NdisFreePacketPool'],
    ['a.spec.ts', 'NdisMSleep NdisFreePacketPool'],
  ])
  expect(testedBy(specs).get('NdisMSleep')).toBe('b.spec.ts')
  expect(testedBy(specs).get('NdisFreePacketPool')).toBe('a.spec.ts')
  expect(testedBy(specs).get('NdisFreePacket')).toBeUndefined()
})

test('what is implemented is named by a spec', () => {
  const specs = new Map<string, string>()
  for (const folder of ['src', 'test/conformance', 'test/engine'])
    for (const entry of readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      const file = path.join(folder, entry)
      if (/\.spec\.ts$|drivers.\w[\w-]*\.ts$/.test(file) && file !== path.join('src', 'script', 'tested-by.spec.ts'))
        specs.set(file, readFileSync(path.join(ROOT, file), 'utf8'))
    }
  const tested = testedBy(specs)
  const implemented = implementedNames()
  const untested = API.flatMap(({ kind, name }) =>
    kind !== 'callback' && implemented.has(name) && !tested.has(name) ? [name] : [],
  )
  expect(untested.sort()).toEqual([...UNTESTED].sort())
})
