export type DetailsAge = {
  /** When `department/get` last answered for each department; those that it never did for are not in it. */
  readonly readAt: Iterable<readonly [departmentId: string, readAt: Date]>;
  readonly now: Date;
  readonly maxAgeDays: number;
};

const DAY_MS = 86_400_000;

/**
 * The departments whose details are too old, the oldest first, and no more of them in one run than would have all of
 * them read anew in as many runs as they may be days old: so they don't all get old on one day again.
 */
export function dueDetails({ readAt, now, maxAgeDays }: DetailsAge): ReadonlySet<string> {
  const all = [...readAt].sort(([, a], [, b]) => a.getTime() - b.getTime());
  const oldest = now.getTime() - maxAgeDays * DAY_MS;
  const due = all.filter(([, at]) => at.getTime() <= oldest).map(([id]) => id);
  return new Set(due.slice(0, Math.ceil(all.length / maxAgeDays)));
}
