/** Servers as people tell them apart. */
import type { NameRef } from '../fleet/model.ts'
import { bySeveral } from './sort.ts'

/**
 * The names of servers by their ids; those of one name with their ids behind it: `nas (s2)` can be typed so, or as `s2`. Two machines of one
 * name stay two (T3).
 */
export function namesApart(servers: Iterable<NameRef>): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { id, name } of servers) names.set(id, name)
  const bearers = Map.groupBy(names, ([, name]) => name)
  if (bearers.size === names.size) return names
  return new Map([...names].map(([id, name]) => [id, bearers.get(name)?.length === 1 ? name : `${name} (${id})`]))
}

/** Rows with those names; by default those of the servers that they name. */
export function rowsApart<T extends { server: NameRef }>(
  rows: readonly T[],
  names = namesApart(rows.map(({ server }) => server)),
): T[] {
  return rows.map((row) => {
    const server = renamed(row.server, names)
    return server === row.server ? row : { ...row, server }
  })
}

/** A server by the name that it has among others; itself where that is its own. */
export function renamed<T extends NameRef>(server: T, names: ReadonlyMap<string, string>): T {
  const name = names.get(server.id)
  return name === undefined || name === server.name ? server : { ...server, name }
}

/** Servers by name as people sort, those of one name by id. */
export function serversByName<T>(servers: T[], refOf: (server: T) => NameRef): T[] {
  return bySeveral(servers, [
    { value: (server) => refOf(server).name, descending: false },
    { value: (server) => refOf(server).id, descending: false },
  ])
}
