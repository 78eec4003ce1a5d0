/** What a newcomer is told where there is nothing to show. */
export const FIRST_STEPS = `No backups to show yet. Begin with one of these:
  duplistatus server add https://nas:8200    make a Duplicati server known
  duplistatus collect --all                  read its jobs and logs
  duplistatus demo                           see it all on a simulated fleet`

/** Why a list of jobs is empty. @param narrowed whether some were asked for */
export function noJobs(narrowed: boolean): string {
  return narrowed
    ? 'No job is like what was asked for.'
    : 'No jobs are known yet: duplistatus collect --all reads them from the servers that server add made known.'
}
