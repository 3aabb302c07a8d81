import "server-only";
import { processWide } from "@/lib/process-wide";

const MARKS_MAX = 2_000;
const MARK_MS = 10 * 60_000;

type Mark = { readonly key: string; readonly atMs: number };
const marks = () => processWide("scim.marks", () => new Map<string, Mark>());

/** One reading of a list, up to one of its pages. */
export type PageOf = {
  readonly appId: string;
  readonly resource: "user" | "group";
  readonly filter: string;
  readonly startIndex: number;
};

const nameOf = ({ appId, resource, filter, startIndex }: PageOf): string =>
  JSON.stringify([appId, resource, filter, startIndex]);

/**
 * SCIM's pages are counted from the beginning, and to count is to read all that lies before. Whoever reads one page after
 * another went by there a moment ago: this is where, by the key of the last resource given out. A process that doesn't
 * know counts; a reader who goes on from a mark is given nothing twice when somebody joins in between.
 *
 * @returns the key after which the page begins
 */
export function findMark(page: PageOf, nowMs: number): string | null {
  const mark = marks().get(nameOf(page));
  return mark && nowMs - mark.atMs < MARK_MS ? mark.key : null;
}

/** Remembers after which key a page begins. */
export function leaveMark(page: PageOf, key: string, nowMs: number): void {
  const kept = marks();
  kept.delete(nameOf(page));
  kept.set(nameOf(page), { key, atMs: nowMs });
  const [oldest] = kept.keys();
  if (kept.size > MARKS_MAX && oldest !== undefined) kept.delete(oldest);
}
