import "server-only";
import pg from "pg";
import { z } from "zod";
import { ConfigurationError, env } from "@/lib/env";
import { processWide } from "@/lib/process-wide";
import { pool } from "./connection-pools";
import { Listener } from "./listener";
import { type Announce, NotDeliveredError, proveDelivery } from "./prove-delivery";
import { runSql, type Work } from "./run-sql";

/** A change: its kind and the row's id. Row security does not cover LISTEN, so a notice carries nothing else (S18). */
const notice = z.strictObject({
  kind: z.string().regex(/^[a-z][a-z._-]{0,39}$/),
  organizationId: z.uuid(),
  id: z.uuid(),
});

export type Notice = z.infer<typeof notice>;

export type NoticeListener = {
  readonly onNotice: (notice: Notice) => void;
  /** Called when listening starts, also after a gap: everything cached may be stale. */
  readonly onStale: () => void;
};

export type NotificationSource = {
  subscribe(kind: string, listener: NoticeListener): void;
  isListening(): boolean;
};

const CHANNEL = "dingkeep";

/** LISTEN needs a session, which a pooler in transaction mode does not provide. */
const listenUrl = (): string => env().DATABASE_DIRECT_URL ?? env().DATABASE_URL;

const ANNOUNCE = "SELECT pg_notify($1::text, $2::text)::text";

const announce: Announce = (channel, payload) => pool().query(ANNOUNCE, [channel, payload]);

/** Returns the process's only listening connection (S30). */
const listener = (): Listener => processWide("db.listener", () => new Listener(listenUrl(), { announce }));

/** Rejects an address on which LISTEN delivers nothing. @throws {ConfigurationError} */
export async function assertNotificationsArrive(): Promise<void> {
  const client = new pg.Client({ connectionString: listenUrl(), application_name: "dingkeep-listen" });
  client.on("error", () => {});
  await client.connect();
  try {
    await proveDelivery(client, announce);
  } catch (error) {
    if (!(error instanceof NotDeliveredError)) throw error;
    const name = env().DATABASE_DIRECT_URL ? "DATABASE_DIRECT_URL" : "DATABASE_URL";
    throw new ConfigurationError(
      `${name} does not deliver notifications (LISTEN); set DATABASE_DIRECT_URL to an address of the same database that does not pass through a pooler in transaction mode.`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

export async function notify(work: Work, change: Notice): Promise<void> {
  const payload = JSON.stringify(notice.parse(change));
  await runSql(work, ANNOUNCE, [CHANNEL, payload]);
}

export function subscribe(kind: string, { onNotice, onStale }: NoticeListener): () => void {
  return listener().add(CHANNEL, {
    onListening: onStale,
    onPayload(payload) {
      const received = parseNotice(payload);
      if (received?.kind === kind) onNotice(received);
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

/** Returns whether notices arrive now. While they don't, nothing that depends on them may be cached. */
export const isListening = (): boolean => listener().isListening(CHANNEL);

export function listenTo(
  channel: string,
  onPayload: (payload: string) => void,
  onListening: () => void,
): () => void {
  return listener().add(channel, { onPayload, onListening });
}

/** Runs a query in the listening session, the only lasting one, for locks that last as long as the process. */
export const queryListeningSession: Listener["query"] = (text, values) => listener().query(text, values);

export const closeNotifications = (): Promise<void> => listener().close();

/** Age at which a process reads a cached token or API key again even without a notice, in case a notice is lost. */
export const CACHE_MAX_AGE_MS = 15_000;
