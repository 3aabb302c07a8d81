import "server-only";
import { Readable } from "node:stream";
import { AppError } from "@/lib/errors";
import { STALLED_READER_MS } from "@/lib/limits/numbers";
import { log } from "@/lib/log";
import { nextTurn } from "@/lib/loop-turns";
import { untilStop } from "@/lib/stop-waiting";

type LineStream = {
  readonly signal: AbortSignal;
  readonly release: () => void;
  readonly readTimeoutMs?: number;
};

type TextStream = LineStream & { readonly headers: Readonly<Record<string, string>> };

/** Streams text. An early end cuts the connection, so that the client can't mistake the text for complete. */
export function textStream(
  source: AsyncIterable<string>,
  { signal, release, headers, readTimeoutMs = STALLED_READER_MS }: TextStream,
): Response {
  async function* texts() {
    for await (const text of source) {
      await nextTurn();
      const slow = setTimeout(
        () => body.destroy(new AppError("unavailable", "the client stopped reading the stream")),
        readTimeoutMs,
      );
      try {
        yield text;
      } finally {
        clearTimeout(slow);
      }
    }
  }
  // Reads no batch ahead, to bound memory.
  const body = Readable.from(texts(), { objectMode: false, highWaterMark: 1 });
  const until = AbortSignal.any([signal, untilStop()]);
  const end = () => void body.destroy(until.reason as Error);
  until.addEventListener("abort", end, { once: true });
  if (until.aborted) end();
  body.on("error", (error) => {
    if (!signal.aborted) log.warn("stream ended early", { error });
  });
  body.once("close", () => {
    until.removeEventListener("abort", end);
    release();
  });
  return new Response(Readable.toWeb(body) as ReadableStream, {
    headers: { ...headers, "x-accel-buffering": "no" },
  });
}

const ndjson = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

export function lineStream(source: AsyncIterable<readonly unknown[]>, stream: LineStream): Response {
  async function* lines() {
    for await (const values of source) yield ndjson(values);
  }
  return textStream(lines(), { ...stream, headers: { "content-type": "application/x-ndjson" } });
}
