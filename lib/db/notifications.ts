import "server-only";
import pg from "pg";
import { z } from "zod";
import { ConfigurationError, env } from "@/lib/env";
import { processWide } from "@/lib/process-wide";
import { pool } from "./clients";
import { Listener } from "./listener";
import { type Announce, DeafListen, proveHearing } from "./prove-hearing";
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

/** How a process learns of changes. */
export type Hearing = {
  subscribe(kind: string, listener: NoticeListener): void;
  isHearing(): boolean;
};

/** Age at which a remembered row is read again although no change was heard: the bound should hearing ever be wrong. */
export const READ_AGAIN_AFTER_MS = 15_000;

const CHANNEL = "dingkeep";

/** LISTEN needs a session of its own, which a pooler in transaction mode doesn't give. */
const listenUrl = (): string => env().DATABASE_DIRECT_URL ?? env().DATABASE_URL;

const ANNOUNCE = "SELECT pg_notify($1::text, $2::text)::text";

/** Announces as units of work do: over the pool. */
const announce: Announce = (channel, payload) => pool().query(ANNOUNCE, [channel, payload]);

/** The process's one listening connection (S30). */
const listener = (): Listener => processWide("db.listener", () => new Listener(listenUrl(), { announce }));

/**
 * Refuses an address on which LISTEN delivers nothing: a revoked key would be accepted until the process ends.
 *
 * @throws {ConfigurationError}
 */
export async function assertHearing(): Promise<void> {
  const client = new pg.Client({ connectionString: listenUrl(), application_name: "dingkeep-listen" });
  client.on("error", () => {});
  await client.connect();
  try {
    await proveHearing(client, announce);
  } catch (error) {
    if (!(error instanceof DeafListen)) throw error;
    const name = env().DATABASE_DIRECT_URL ? "DATABASE_DIRECT_URL" : "DATABASE_URL";
    throw new ConfigurationError(
      `${name} does not deliver notifications (LISTEN); set DATABASE_DIRECT_URL to an address of the same database that does not pass through a pooler in transaction mode.`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** Announces a change to all processes, if and when the unit of work commits. */
export async function notify(work: Work, change: Notice): Promise<void> {
  const payload = JSON.stringify(notice.parse(change));
  await runSql(work, ANNOUNCE, [CHANNEL, payload]);
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
