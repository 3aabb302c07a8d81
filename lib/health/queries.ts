import "server-only";
import { isDatabaseAlive } from "@/lib/db/clients";
import { processWide } from "@/lib/process-wide";

/** How long an answer is believed: pages need not ask the database whether it is there each time. */
const BELIEVED_FOR_MS = 1_000;

type Known = { askedAtMs: number; answer: Promise<boolean> };

/** Whether the database answers; asked once a second at most, and shared by everyone who asks meanwhile. */
export function isDatabaseThere(nowMs = Date.now()): Promise<boolean> {
  const known = processWide<Known>("health.database", () => ({
    askedAtMs: 0,
    answer: Promise.resolve(true),
  }));
  if (nowMs - known.askedAtMs > BELIEVED_FOR_MS)
    Object.assign(known, { askedAtMs: nowMs, answer: isDatabaseAlive() });
  return known.answer;
}

/** What this process needs to do its work, each by name with whether it is there now. */
export async function readChecks(): Promise<Readonly<Record<"database", boolean>>> {
  return { database: await isDatabaseThere() };
}
