// Preloaded into a measured process: writes its peak resident memory in KiB to PEAK_FILE when it ends. On Linux the kernel's
// own mark of this program is read, since `maxRSS` begins with what the parent had when it forked.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const STATUS = '/proc/self/status'

process.on('exit', () => {
  if (!process.env.PEAK_FILE) return
  const mark = existsSync(STATUS) ? /VmHWM:\s+(\d+) kB/.exec(readFileSync(STATUS, 'utf8'))?.[1] : undefined
  writeFileSync(process.env.PEAK_FILE, mark ?? String(process.resourceUsage().maxRSS))
})
