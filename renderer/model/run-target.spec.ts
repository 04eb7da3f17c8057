import { expect, it } from 'vitest'
import { runTarget } from './run-target'

const driver = (uri: string) => ({ uri, text: 'export function DriverEntry() {}' })
const helper = (uri: string) => ({ uri, text: 'export const Size = 4' })

it('runs the document one looks at when it is a driver', () => {
  expect(runTarget(driver('/a/x.ts'), [driver('/a/x.ts'), driver('/a/driver.ts')])).toBe('/a/x.ts')
})

it('runs a session of several drivers', () => {
  const session = { uri: '/a/stack.ts', text: 'export const drivers = { miniport, filter }' }
  expect(runTarget(session, [driver('/a/x.ts'), session])).toBe('/a/stack.ts')
})

it('runs the driver that a helper module belongs to', () => {
  expect(runTarget(helper('/a/pool.ts'), [helper('/a/pool.ts'), driver('/a/driver.ts'), driver('/b/driver.ts')])).toBe(
    '/a/driver.ts',
  )
  expect(runTarget(helper('/c/pool.ts'), [driver('/a/driver.ts')])).toBe('/a/driver.ts')
})

it('leaves the last word to the engine', () => {
  expect(runTarget(helper('/c/pool.ts'), [])).toBe('/c/pool.ts')
  expect(runTarget(undefined, [])).toBeUndefined()
})

it('runs the driver that a configuration file belongs to, open or not', () => {
  const configuration = { uri: '/a/nic.config.json', text: '{}' }
  expect(runTarget(configuration, [configuration, driver('/a/driver.ts')])).toBe('/a/nic.ts')
})
