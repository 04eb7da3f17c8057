import { describe, expect, it } from 'vitest'
import { settingsFolder } from './settings-folder'

describe('the settings folder', () => {
  it('follows the custom of each system', () => {
    expect(settingsFolder({}, 'linux', '/home/a')).toBe('/home/a/.config/ndis-workbench')
    expect(settingsFolder({ XDG_CONFIG_HOME: '/cfg' }, 'linux', '/home/a')).toBe('/cfg/ndis-workbench')
    expect(settingsFolder({}, 'darwin', '/Users/a')).toBe('/Users/a/Library/Application Support/NDIS Workbench')
    expect(settingsFolder({ APPDATA: 'C:\\Roaming' }, 'win32', 'C:\\a')).toBe('C:\\Roaming\\NDIS Workbench')
  })
  it('ignores a relative XDG_CONFIG_HOME, as its specification says', () => {
    expect(settingsFolder({ XDG_CONFIG_HOME: 'cfg' }, 'linux', '/home/a')).toBe('/home/a/.config/ndis-workbench')
  })
  it('is where NDIS_WORKBENCH_HOME says', () => {
    expect(settingsFolder({ NDIS_WORKBENCH_HOME: '/elsewhere' }, 'darwin', '/Users/a')).toBe('/elsewhere')
  })
})
