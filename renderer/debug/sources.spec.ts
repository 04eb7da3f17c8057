import { expect, it } from 'vitest'
import { documentOf, pathIn } from './sources'

const open = ['/d/echo/driver.ts', '/d/echo/pool.ts', '/d/other/pool.ts', 'example:01-packet-pool.ts']

it('finds the document of a path that the adapter names', () => {
  expect(documentOf('/d/echo/pool.ts', open)).toBe('/d/echo/pool.ts')
  expect(documentOf('01-packet-pool.ts', open, 'example:01-packet-pool.ts')).toBe('example:01-packet-pool.ts')
})

it('reads relative names in the folder of the driver', () => {
  expect(documentOf('pool.ts', open, '/d/other/driver.ts')).toBe('/d/other/pool.ts')
  expect(documentOf('./pool.ts', open, '/d/echo/driver.ts')).toBe('/d/echo/pool.ts')
})

it('does not guess between two of the same name', () => {
  expect(documentOf('pool.ts', open)).toBeUndefined()
  expect(documentOf('missing.ts', open)).toBeUndefined()
})

it('says where a file of a driver lies that is not open', () => {
  expect(pathIn('/d/echo/driver.ts', './parts/pool.ts')).toBe('/d/echo/parts/pool.ts')
  expect(pathIn('C:\\d\\driver.ts', 'pool.ts')).toBe('C:\\d\\pool.ts')
  expect(pathIn('example:bugs/01-wait.ts', 'bugs/parts/pools.ts')).toBe('example:bugs/parts/pools.ts')
  expect(pathIn('/d/driver.ts', '/e/other.ts')).toBe('/e/other.ts')
  expect(pathIn('/d/driver.ts', 'example:01-packet-pool.ts')).toBe('example:01-packet-pool.ts')
  expect(pathIn('', 'driver.ts')).toBe('driver.ts')
})
