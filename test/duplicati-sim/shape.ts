/** The shape of a JSON value: each path that occurs in it, with the types of the values there. */
export type Shape = Map<string, Set<string>>

/** Elements of a list share one path, so that rows with different values give one shape. */
export function shapeOf(value: unknown, path = '', shape: Shape = new Map()): Shape {
  const types = shape.get(path) ?? new Set()
  shape.set(path, types.add(value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value))
  if (typeof value !== 'object' || value === null) return shape
  for (const [key, part] of Object.entries(value)) shapeOf(part, `${path}.${Array.isArray(value) ? '*' : key}`, shape)
  return shape
}

/** What differs: paths that only one has, and types that the recording does not have. */
export function differences(recorded: Shape, simulated: Shape): string[] {
  const found: string[] = []
  for (const path of recorded.keys()) if (!simulated.has(path)) found.push(`missing ${path}`)
  for (const [path, types] of simulated) {
    const known = recorded.get(path)
    if (!known) found.push(`not recorded ${path}`)
    else
      for (const type of types) if (!known.has(type)) found.push(`${path} is ${type}, was ${[...known].join(' or ')}`)
  }
  return found
}
