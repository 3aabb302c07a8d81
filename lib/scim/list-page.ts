import "server-only";
import { findMark, leaveMark, type PageOf } from "./page-marks";

/** A page as it is asked for: from 1, and how many at most. */
export type Paging = { readonly startIndex: number; readonly count: number; readonly filter: string };

/** How a page's beginning is told to a statement: behind a key where that is known, else by counting. */
export type Beginning = { readonly after: string | null; readonly offset: number };

export function beginningOf(page: PageOf, nowMs: number): Beginning {
  const after = page.startIndex > 1 ? findMark(page, nowMs) : null;
  return { after, offset: after === null ? page.startIndex - 1 : 0 };
}

/** Notes where the page behind this one begins. */
export function noteEnd(page: PageOf, keys: readonly string[], nowMs: number): void {
  const last = keys.at(-1);
  if (last !== undefined) leaveMark({ ...page, startIndex: page.startIndex + keys.length }, last, nowMs);
}
