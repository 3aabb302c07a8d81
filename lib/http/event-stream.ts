import "server-only";
import { Readable } from "node:stream";
import { requireCaller, type SignedIn } from "@/lib/auth/sessions";
import { EVENT_STREAMS_OF_USER } from "@/lib/limits/numbers";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";
import { NO_STORE_HEADERS } from "@/lib/request/no-store";

/** Bounds how long a stream outlives its session or membership (S1). */
const SESSION_CHECK_MS = 5_000;

type Open = { readonly byUser: Map<string, Set<AbortController>> };
const open = () => processWide<Open>("http.streams", () => ({ byUser: new Map() }));

/** Ends every stream, so that the process can stop. Browsers reconnect to another process. */
export function endStreams(): void {
  for (const streams of open().byUser.values()) for (const stream of streams) stream.abort();
}

/** Adds a stream of a user and ends their oldest one above the limit (S30). The oldest likely belongs to a closed page. */
function addStream(userId: string, controller: AbortController): () => void {
  const { byUser } = open();
  const streams = byUser.get(userId) ?? new Set();
  byUser.set(userId, streams);
  const [oldest] = streams;
  if (streams.size >= EVENT_STREAMS_OF_USER) oldest?.abort();
  streams.add(controller);
  return () => {
    streams.delete(controller);
    // This runs on the abort and again at the end, when the entry may belong to later streams.
    if (streams.size === 0 && byUser.get(userId) === streams) byUser.delete(userId);
  };
}

/** Streams values as events until the source, browser, session, membership or server ends. */
export function eventStream(
  request: Request,
  who: SignedIn & { readonly organizationId: string },
  source: (signal: AbortSignal) => AsyncIterable<unknown>,
): Response {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, request.signal]);
  const removeStream = addStream(who.userId, controller);
  const ended = () => {
    clearInterval(check);
    removeStream();
  };
  const check = setInterval(() => {
    requireCaller(who.sessionId, who.organizationId).catch(() => controller.abort());
  }, SESSION_CHECK_MS);
  signal.addEventListener("abort", ended, { once: true });
  if (signal.aborted) ended();
  const encoder = new TextEncoder();
  async function* lines() {
    try {
      for await (const value of source(signal)) {
        if (signal.aborted) return;
        yield encoder.encode(`data: ${JSON.stringify(value)}\n\n`);
      }
    } catch (error) {
      if (!signal.aborted) log.warn("stream ended early", { error });
    } finally {
      ended();
    }
  }
  const body = Readable.from(lines());
  // A generator that never began runs no `finally`, so a browser that leaves before the first line would leak the timer.
  body.once("close", () => controller.abort());
  return new Response(Readable.toWeb(body) as ReadableStream, {
    headers: {
      ...NO_STORE_HEADERS,
      "content-type": "text/event-stream; charset=utf-8",
      "x-accel-buffering": "no",
    },
  });
}
