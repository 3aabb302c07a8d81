import "server-only";
import { processWide } from "@/lib/process-wide";

const MARKS_MAX = 2_000;
const MARK_MS = 10 * 60_000;

type Mark = { readonly key: string; readonly atMs: number };
const marks = () => processWide("scim.marks", () => new Map<string, Mark>());

export type PageOf = {
  readonly appId: string;
  readonly resource: "user" | "group";
  readonly filter: string;
  readonly startIndex: number;
};

const nameOf = ({ appId, resource, filter, startIndex }: PageOf): string =>
  JSON.stringify([appId, resource, filter, startIndex]);

/**
 * Finds the key after which a page begins, if this process returned the page before it. An offset would read all rows
 * before it and repeat rows after insertions.
 * @returns `null` when the offset must be used
 */
export function findMark(page: PageOf, nowMs: number): string | null {
  const mark = marks().get(nameOf(page));
  return mark && nowMs - mark.atMs < MARK_MS ? mark.key : null;
}

export function recordMark(page: PageOf, key: string, nowMs: number): void {
  const kept = marks();
  kept.delete(nameOf(page));
  kept.set(nameOf(page), { key, atMs: nowMs });
  const [oldest] = kept.keys();
  if (kept.size > MARKS_MAX && oldest !== undefined) kept.delete(oldest);
}
