import type { App } from "./queries";

/** DingTalk pushes a suite ticket about every five hours; later than this, something is wrong with the way. */
const LATE_AFTER_MS = 6 * 60 * 60_000;

/** Whether no suite ticket came for so long that somebody should look, though the one before may still be good. */
export const isTicketLate = (
  { kind, suiteTicketAt }: Pick<App, "kind" | "suiteTicketAt">,
  nowMs: number = Date.now(),
): boolean => kind === "isv" && suiteTicketAt !== null && nowMs - suiteTicketAt.getTime() > LATE_AFTER_MS;
