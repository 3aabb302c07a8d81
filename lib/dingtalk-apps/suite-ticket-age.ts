import type { App } from "./queries";

/** DingTalk pushes a suite ticket about every five hours. */
const LATE_AFTER_MS = 6 * 60 * 60_000;

export const isTicketLate = (
  { kind, suiteTicketAt }: Pick<App, "kind" | "suiteTicketAt">,
  nowMs: number = Date.now(),
): boolean => kind === "isv" && suiteTicketAt !== null && nowMs - suiteTicketAt.getTime() > LATE_AFTER_MS;
