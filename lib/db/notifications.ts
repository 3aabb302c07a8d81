import "server-only";
import { z } from "zod";
import { env } from "@/lib/env";
import { processWide } from "@/lib/process-wide";
import { Listener } from "./listener";
import { runSql, type Work } from "./run-sql";

/** Something that changed: what kind of thing, and which. LISTEN lies outside row security, so nothing else (S18). */
const notice = z.strictObject({
  kind: z.string().regex(/^[a-z][a-z._-]{0,39}$/),
  organizationId: z.uuid(),
  id: z.uuid(),
});

export type Notice = z.infer<typeof notice>;

export type NoticeListener = {
  readonly onNotice: (notice: Notice) => void;
  /** Whatever was cached may be stale: listening began, or began anew after a gap. */
  readonly onStale: () => void;
};

const CHANNEL = "dingkeep";

/** The process's one listening connection (S30). LISTEN needs a session of its own, which a pooler doesn't give. */
const listener = (): Listener =>
  processWide("db.listener", () => {
    const { DATABASE_DIRECT_URL, DATABASE_URL } = env();
    return new Listener(DATABASE_DIRECT_URL ?? DATABASE_URL);
  });

/** Announces a change to all processes, if and when the unit of work commits. */
export async function notify(work: Work, change: Notice): Promise<void> {
  const payload = JSON.stringify(notice.parse(change));
  await runSql(work, "SELECT pg_notify($1::text, $2::text)::text", [CHANNEL, payload]);
}

/**
 * Hears of changes of one kind. `onStale` comes first, as soon as the connection listens, and again after
 * each gap.
 *
 * @returns what ends the subscription
 */
export function subscribe(kind: string, { onNotice, onStale }: NoticeListener): () => void {
  return listener().add(CHANNEL, {
    onListening: onStale,
    onPayload(payload) {
      const heard = parseNotice(payload);
      if (heard?.kind === kind) onNotice(heard);
    },
  });
}

function parseNotice(payload: string): Notice | null {
  try {
    return notice.parse(JSON.parse(payload));
  } catch {
    return null;
  }
}

/** Whether changes are heard now. While they are not, nothing that depends on hearing them may be cached. */
export const isHearing = (): boolean => listener().isListening(CHANNEL);

/** For the job queue's own channel, over the same connection. */
export function listenTo(
  channel: string,
  onPayload: (payload: string) => void,
  onListening: () => void,
): () => void {
  return listener().add(channel, { onPayload, onListening });
}

/**
 * The same for what all processes share as long as each of them lives. The session is the one that listens, as a pooler
 * gives no other that lasts.
 */
export const askSession: Listener["ask"] = (text, values) => listener().ask(text, values);

/** Ends the listening connection, at the end of the process. */
export const closeNotifications = (): Promise<void> => listener().close();
