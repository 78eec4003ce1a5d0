import { UsageError, UserError } from '../errors.ts'
import { matchServer, type ServerName } from '../fleet/match.ts'

/** A server that was merged into another one, as it was called. */
export interface MergedName extends ServerName {
  /** The id of the server that it is now. */
  into: string
}

/**
 * Which merge is to be undone.
 * @param word the server that both are now, or the one that was merged into it
 * @param other which of several
 * @throws UsageError `unknown_server`, `ambiguous`; UserError `not_merged`
 */
export function findMerged(
  word: string,
  other: string | undefined,
  servers: readonly ServerName[],
  merged: readonly MergedName[],
): MergedName {
  const into = standing(word, servers, merged, other !== undefined)
  const candidates = into === null ? merged : merged.filter((one) => one.into === into)
  if (other !== undefined || into === null) return named(other ?? word, candidates)
  const [only, ...others] = candidates
  const name = servers.find(({ id }) => id === into)?.name ?? into
  if (!only) {
    throw new UserError(`Nothing was merged into ${name} (${into})`, {
      code: 'not_merged',
      hint: 'duplistatus server list shows all servers.',
    })
  }
  if (others.length === 0) return only
  const list = candidates.map((one) => `${one.name} (${one.id})`).join(', ')
  throw new UsageError(`${candidates.length} servers were merged into ${name}: ${list}`, {
    code: 'ambiguous',
    hint: `Say which: duplistatus server merge --undo ${into} ${only.id}`,
  })
}

/** The standing server that the word means; null where it means one that was merged. */
function standing(
  word: string,
  servers: readonly ServerName[],
  merged: readonly MergedName[],
  isSure: boolean,
): string | null {
  if (!isSure && merged.some(({ id }) => id === word)) return null
  try {
    return matchServer(word, servers)
  } catch (error) {
    const wasMerged = !isSure && merged.some((one) => [one.name, one.alias, one.machineName, one.host].includes(word))
    if (wasMerged) return null
    throw error
  }
}

function named(word: string, candidates: readonly MergedName[]): MergedName {
  const id = matchServer(word, candidates)
  const found = candidates.find((one) => one.id === id)
  if (!found) throw new UserError(`${word} was parted meanwhile`, { code: 'not_merged' })
  return found
}
