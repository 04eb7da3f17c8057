import { expect, it } from 'vitest'
import { launchArguments } from './launch-arguments'

const document = (uri: string, dirty: boolean, name = uri.replace(/^.*[/:]/, '')) => ({
  uri,
  name,
  dirty,
  text: `text of ${name}`,
})

it("sends the program's text and unsaved texts of its folder, nothing else", () => {
  const args = launchArguments(
    '/d/echo/driver.ts',
    [
      document('/d/echo/driver.ts', false),
      document('/d/echo/lib/pool.ts', true),
      document('/d/echo/saved.ts', false),
      document('/d/other/x.ts', true),
    ],
    { seed: 7 },
  )
  expect(args.program).toBe('/d/echo/driver.ts')
  expect(args.overlays).toEqual({ 'driver.ts': 'text of driver.ts', 'lib/pool.ts': 'text of pool.ts' })
  expect(args.config).toMatchObject({ seed: 7, platform: 'nt', cpus: 1 })
})

it('names documents without a file by their name', () => {
  expect(launchArguments('example:01-pool.ts', [document('example:01-pool.ts', false)], {}).overlays).toEqual({
    '01-pool.ts': 'text of 01-pool.ts',
  })
  const bug = document('example:bugs/01-wait.ts', false, '01-wait.ts')
  expect(Object.keys(launchArguments('example:bugs/01-wait.ts', [bug], {}).overlays ?? {})).toEqual(['bugs/01-wait.ts'])
  const part = document('example:parts/ring.ts', true)
  expect(Object.keys(launchArguments('example:01-pool.ts', [part], {}).overlays ?? {})).toEqual(['parts/ring.ts'])
  expect(launchArguments('untitled:1', [document('untitled:1', true, 'Untitled-1.ts')], {}).overlays).toEqual({
    'Untitled-1.ts': 'text of Untitled-1.ts',
  })
})

it('sends the unsaved text of the configuration beside the driver, which need not be open itself', () => {
  const { program, overlays } = launchArguments('/d/nic.ts', [document('/d/nic.config.json', true)], {})
  expect({ program, overlays }).toEqual({
    program: '/d/nic.ts',
    overlays: { 'nic.config.json': 'text of nic.config.json' },
  })
})
