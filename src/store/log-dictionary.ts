import { END_OF_TEXT } from './log-format.ts'

/**
 * What Duplicati's log lines have in common, as a zstd dictionary: the texts of one run are too few to be learnt from, so that
 * half of what would be stored is these phrases. Taken from logs of 2.1 to 2.3 and the canary; the commonest stand last, where
 * references cost least. A stored log needs the dictionary that packed it: never change this one, add another beside it.
 */
const PHRASES = [
  '\n  at Duplicati.Library.Main.Operation.Backup.',
  '\n  at System.Runtime.CompilerServices.TaskAwaiter.HandleNonSuccessAndDebuggerNotification(Task task)',
  'Duplicati.Library.Main.Operation.Backup.UploadSyntheticFilelist-PreviousBackupFilelistUpload',
  'Duplicati.Library.Main.Operation.Backup.FileBlockProcessor.FileEntry-PathProcessingFailed',
  'Duplicati.Library.Main.Operation.Backup.MetadataGenerator.Metadata-MetadataProcessFailed',
  'Duplicati.Library.Main.Operation.Common.BackendHandler-BackendUploaderRetry',
  'Duplicati.Library.Main.Operation.FilelistProcessor-MissingFile',
  'Duplicati.Library.Main.Operation.DeleteHandler:RetentionPolicy-DeleteList',
  'Duplicati.Library.Main.Operation.RepairHandler-DatabaseIsSynchronized',
  'Duplicati.Library.Main.Database.LocalRestoreDatabase-SearchingBackup',
  'Duplicati.Library.Snapshots.UsnJournalService-',
  'Duplicati.Library.Main.Controller-AbortOperation',
  'Duplicati.Library.Main.Controller-FailedOperation',
  'Aborting operation by request, requested result: Normal',
  'Restore time or version did not match any existing backups, selecting newest backup',
  'Destination and database are synchronized, not making any changes',
  'All backups to delete: ',
  'Backups to consider: ',
  'Deleted 1 remote fileset(s)',
  'Missing file: duplicati-',
  'RemoteListVerificationException: Found 1 files that are missing from the remote storage, please run repair',
  'The operation Restore has started',
  'The operation Repair has started',
  'The operation Test has started',
  'The operation Backup has failed\n',
  'Failed to process metadata for "", storing empty metadata\nFileNotFoundException: Could not find file ',
  "Failed to process path: /home/\nIOException: The process cannot access the file '' because it is being used by another process.",
  "Failed to process path: C:\\Users\\\nUnauthorizedAccessException: Access to the path '' is denied.",
  'Duplicati.Library.Main.Operation.Backup.FileEnumerationProcess-PermissionDenied',
  'Duplicati.Library.Main.Operation.Backup.FileBlockProcessor.FileEntry-PermissionDenied',
  "Excluding path due to permission denied: \nUnauthorizedAccessException: Access to the path '' is denied.",
  'Duplicati.Library.Main.Operation.TestHandler-Test results',
  'Successfully verified 3 remote files',
  'Duplicati.Library.Main.Database.LocalDeleteDatabase-CompactReason',
  'Compacting not required',
  'Backend event: QuotaInfo - Started:  ()',
  'Backend event: Delete - Completed: duplicati-',
  'Backend event: List - Retrying:  ()',
  'Backend event: List - Started:  ()',
  'Backend event: List - Completed:  (1.2 KiB)',
  'Backend event: Get - Started: duplicati-20261123T184505Z.dlist.zip (1 bytes)',
  'Backend event: Get - Completed: duplicati-20261123T184505Z.dlist.zip.aes (1 KB)',
  'Backend event: Put - Started: duplicati-b0123456789abcdef.dblock.zip.aes (49.9 MB)',
  'Backend event: Put - Completed: duplicati-b0123456789abcdef.dblock.zip (49.9 MiB)',
  'Backend event: Put - Started: duplicati-i0123456789abcdef.dindex.zip.aes (19.9 KB)',
  'Backend event: Put - Completed: duplicati-i0123456789abcdef.dindex.zip (19.9 KiB)',
  'The operation Backup has started',
  'Duplicati.Library.Main.BasicResults-BackendEvent',
  'Duplicati.Library.Main.Controller-StartingOperation',
]

/** Compiled at first use: reading a status needs no log. */
export const logDictionary = (): Uint8Array => (ofLines ??= Buffer.from(PHRASES.join(END_OF_TEXT)))
let ofLines: Uint8Array | undefined

/** The same phrases as they stand in JSON. */
export const jsonDictionary = (): Uint8Array => (ofJson ??= Buffer.from(JSON.stringify(PHRASES)))
let ofJson: Uint8Array | undefined
