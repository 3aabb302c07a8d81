/** The parents of the departments that we hold and that are not removed. */
export type HeldParents = ReadonlyMap<string, string | null>;

type Choice = { readonly include: readonly string[]; readonly exclude: ReadonlySet<string> };

/**
 * Those that are left out by choice, by where they stand in what we hold: below one that is left out, or below none
 * of those at which is to be begun.
 */
export function leftOut(held: HeldParents, { include, exclude }: Choice): ReadonlySet<string> {
  const out = new Set<string>();
  if (include.length === 0 && exclude.size === 0) return out;
  const isOut = new Map<string, boolean>();
  for (const id of include) isOut.set(id, false);
  for (const id of exclude) isOut.set(id, true);
  for (const id of held.keys()) {
    const line: string[] = [];
    let at: string | null = id;
    // Known before what is above it is, so that a circle ends
    for (; at !== null && !isOut.has(at); at = held.get(at) ?? null) {
      line.push(at);
      isOut.set(at, include.length > 0);
    }
    const verdict = at === null ? include.length > 0 : (isOut.get(at) ?? false);
    for (const each of line) isOut.set(each, verdict);
    if (isOut.get(id)) out.add(id);
  }
  return out;
}
