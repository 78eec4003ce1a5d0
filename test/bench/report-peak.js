// Preloaded into a measured process: writes its peak resident memory in KiB to PEAK_FILE when it ends.
import { writeFileSync } from 'node:fs'

process.on('exit', () => {
  if (process.env.PEAK_FILE) writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS))
})
