/** What Duplicati's `MainOperation` may be (`OperationMode`, up to 2.3); a newer one may have more. */
export const OPERATIONS: readonly string[] = [
  ...['Backup', 'Restore', 'Test', 'Compact', 'Repair', 'Delete', 'Vacuum'],
  ...['List', 'ListAffected', 'ListBrokenFiles', 'ListChanges', 'ListFilesets', 'ListFileVersions', 'ListFolder'],
  ...['ListRemote', 'PurgeBrokenFiles', 'PurgeFiles', 'ReadLockInfo', 'RestoreControlfiles', 'SearchEntries'],
  ...['SendMail', 'SetLocks', 'SystemInfo', 'CreateLogDb', 'TestFilters'],
]
