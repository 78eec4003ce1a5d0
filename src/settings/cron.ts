// A module of its own, loaded where a cron expression is set: in the bundle a CommonJS package has its names only for a static import.
import { CronExpressionParser } from 'cron-parser'

/** Whether the library that runs the daemon's tasks can read it, and finds a time that it means. */
export function isCronExpression(text: string): boolean {
  try {
    CronExpressionParser.parse(text).next()
    return true
  } catch {
    return false
  }
}
