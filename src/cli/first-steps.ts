/** What a newcomer is told where there is nothing to show. */
export const FIRST_STEPS = `No backups to show yet. Begin with one of these:
  duplistatus server add https://nas:8200 --alias nas    make a Duplicati server known
  duplistatus collect --all                              read its jobs and logs
  duplistatus demo                                       see it all on a simulated fleet`
