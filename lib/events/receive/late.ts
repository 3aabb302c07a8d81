/** A message whose timestamp is further off is stored as late, because losing an event is worse than an old one. */
const LATE_MS = 24 * 60 * 60_000;

/** @param sentAtMs DingTalk's timestamp; `NaN` is late */
export const isLate = (sentAtMs: number): boolean => !(Math.abs(Date.now() - sentAtMs) <= LATE_MS);
