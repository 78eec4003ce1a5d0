import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

export interface Locations {
  dbFile: string
  configFile: string
}

export interface LocationOptions {
  env: NodeJS.ProcessEnv
  platform?: NodeJS.Platform
  /** The flags `--db` and `--config`; they win over `DUPLISTATUS_DB` and `DUPLISTATUS_CONFIG`. */
  db?: string | undefined
  config?: string | undefined
}

/** Where the database and the settings file are: flag, environment, else the platform's folders (XDG on Unix). */
export function locations({ env, platform = process.platform, db, config }: LocationOptions): Locations {
  const folders = platformFolders(env, platform)
  return {
    dbFile: resolve(db || env.DUPLISTATUS_DB || join(folders.data, 'duplistatus.db')),
    configFile: resolve(config || env.DUPLISTATUS_CONFIG || join(folders.config, 'config.json')),
  }
}

function platformFolders(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): { data: string; config: string } {
  const home = env.HOME || env.USERPROFILE || homedir()
  if (platform === 'win32') {
    return {
      data: join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'duplistatus', 'Data'),
      config: join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'duplistatus', 'Config'),
    }
  }
  if (platform === 'darwin') {
    return {
      data: join(home, 'Library', 'Application Support', 'duplistatus'),
      config: join(home, 'Library', 'Preferences', 'duplistatus'),
    }
  }
  return {
    data: join(absolute(env.XDG_DATA_HOME) ?? join(home, '.local', 'share'), 'duplistatus'),
    config: join(absolute(env.XDG_CONFIG_HOME) ?? join(home, '.config'), 'duplistatus'),
  }
}

/** A relative path in these variables is invalid and counts for nothing (XDG Base Directory Specification). */
function absolute(path: string | undefined): string | null {
  return path && isAbsolute(path) ? path : null
}
