import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { locations } from '../../src/settings/paths.ts'

describe.skipIf(process.platform === 'win32')('where the files are', () => {
  it.each([
    ['linux', {}, '/h/.local/share/duplistatus', '/h/.config/duplistatus'],
    ['freebsd', {}, '/h/.local/share/duplistatus', '/h/.config/duplistatus'],
    ['linux', { XDG_DATA_HOME: '/d', XDG_CONFIG_HOME: '/c' }, '/d/duplistatus', '/c/duplistatus'],
    ['linux', { XDG_DATA_HOME: 'd', XDG_CONFIG_HOME: '' }, '/h/.local/share/duplistatus', '/h/.config/duplistatus'],
    ['darwin', {}, '/h/Library/Application Support/duplistatus', '/h/Library/Preferences/duplistatus'],
    ['win32', { LOCALAPPDATA: '/l', APPDATA: '/r' }, '/l/duplistatus/Data', '/r/duplistatus/Config'],
    ['win32', {}, '/h/AppData/Local/duplistatus/Data', '/h/AppData/Roaming/duplistatus/Config'],
  ] as const)('on %s with %o', (platform, env, data, config) => {
    expect(locations({ env: { HOME: '/h', ...env }, platform })).toEqual({
      dbFile: join(data, 'duplistatus.db'),
      configFile: join(config, 'config.json'),
    })
  })

  it('is what the flags say, before what the environment says', () => {
    const env = { HOME: '/h', DUPLISTATUS_DB: '/e/x.db', DUPLISTATUS_CONFIG: 'e.json' }
    expect(locations({ env })).toEqual({ dbFile: '/e/x.db', configFile: resolve('e.json') })
    expect(locations({ env, db: 'f.db', config: '/f/f.json' })).toEqual({
      dbFile: resolve('f.db'),
      configFile: '/f/f.json',
    })
  })
})
