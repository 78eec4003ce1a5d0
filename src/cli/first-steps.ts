/** What a newcomer is told where there is nothing to show. */
export const FIRST_STEPS = `No backups to show yet. Begin with one of these:
  duplistatus server add https://nas:8200    make a Duplicati server known
  duplistatus collect --all                  read its jobs and logs
  duplistatus demo                           see it all on a simulated fleet`

/**
 * Why a list of jobs is empty.
 * @param asked whether some were asked for: by what they are like, or by name
 */
export function noJobs(asked: { narrowed?: boolean; named?: boolean }): string {
  if (asked.narrowed) return 'No job is like what was asked for.'
  return asked.named
    ? 'No job of that name is shown: duplistatus job list --archived has those put aside, duplistatus collect reads new ones.'
    : 'No jobs are known yet: duplistatus collect --all reads them from the servers that server add made known.'
}
