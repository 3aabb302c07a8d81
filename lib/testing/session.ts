import { expect, onTestFinished } from "vitest";
import { pool } from "@/lib/db/connection-pools";
import { Listener } from "@/lib/db/listener";
import { env } from "@/lib/env";

/** Opens a listening database session, as another process has one, until the test ends. */
export async function openSession() {
  const { DATABASE_DIRECT_URL, DATABASE_URL } = env();
  const listener = new Listener(DATABASE_DIRECT_URL ?? DATABASE_URL, {
    announce: (channel, payload) => pool().query("SELECT pg_notify($1, $2)::text", [channel, payload]),
  });
  const close = () => listener.close();
  onTestFinished(close);
  listener.add("another_process", { onPayload: () => {}, onListening: () => {} });
  await expect.poll(() => listener.isListening("another_process")).toBe(true);
  const query: Listener["query"] = (text, values) => listener.query(text, values);
  return { query, close };
}
