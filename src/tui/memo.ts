/**
 * Remembers the last answers of a costly function of objects that never change: drawing asks for the same thing at every key.
 * @param keep how many answers
 */
export function memo<Args extends readonly unknown[], Result>(
  compute: (...args: Args) => Result,
  keep = 4,
): (...args: Args) => Result {
  let known: { args: Args; result: Result }[] = []
  return (...args) => {
    const found = known.find((one) => one.args.every((arg, at) => Object.is(arg, args[at])))
    if (found) return found.result
    const result = compute(...args)
    known = [{ args, result }, ...known.slice(0, keep - 1)]
    return result
  }
}
