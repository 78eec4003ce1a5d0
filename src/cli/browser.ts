import { spawn } from 'node:child_process'

/**
 * Hands an address to the desktop's browser. Where there is none (no desktop, no opener) nothing happens: the address has been
 * printed. The address is an argument of its own, never part of a shell's line.
 * @returns whether an opener took it
 */
export async function openInBrowser(
  url: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  const [command, ...args] = openerFor(platform, env)
  if (command === undefined) return false
  return new Promise((resolve) => {
    const child = spawn(command, [...args, url], { env, stdio: 'ignore', detached: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}

function openerFor(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  if (platform === 'darwin') return ['open']
  // `start` is a word of cmd.exe, which would take & and ^ in the address for its own.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME ? ['xdg-open'] : []
}
