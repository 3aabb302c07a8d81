import "server-only";
import { asUserSql } from "@/lib/db/unit-of-work";
import { sendJob } from "@/lib/jobs/send-job";
import { log } from "@/lib/log";

const BEAT_MS = 3_000;
/** DingTalk repeats a callback after 10 seconds, so a shorter gap loses none. */
const GAP_SECONDS = 10;

const READ = `
  SELECT seen_at < now() - make_interval(secs => $1) AS "isGap" FROM callback_uptime WHERE id = 1 FOR UPDATE`;

const BEAT = `
  INSERT INTO callback_uptime (id, seen_at) VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`;

/**
 * Records that a process is ready to receive callbacks. After more than 10 seconds without one, sends the job that
 * requests syncs. The table belongs to no organization, so any scope works.
 */
export const recordUptime = (): Promise<void> =>
  asUserSql({ userId: crypto.randomUUID() }, async (client) => {
    const { rows } = await client.query<{ isGap: boolean }>(READ, [GAP_SECONDS]);
    await client.query(BEAT);
    if (rows[0]?.isGap) await sendJob("event.outage", {}, { tx: client });
  });

/** Records this process's uptime until the returned function is called. */
export function startUptime(): () => Promise<void> {
  let pending: Promise<void> | undefined;
  const record = () => {
    pending ??= recordUptime()
      .catch((error: unknown) => log.warn("recording the uptime failed", { error }))
      .finally(() => {
        pending = undefined;
      });
  };
  record();
  const timer = setInterval(record, BEAT_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await pending;
  };
}
