import "server-only";
import { Readable } from "node:stream";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { nextTurn } from "@/lib/loop-turns";
import { untilStop } from "@/lib/stopping";

/** Whoever takes nothing for this long is given up (S30). */
const TAKES_NOTHING_MS = 30_000;

type LineStream = {
  /** Ends when whoever reads is gone. */
  readonly signal: AbortSignal;
  /** Runs once, when it is over. */
  readonly leave: () => void;
  readonly takesNothingMs?: number;
};

type TextStream = LineStream & { readonly headers: Readonly<Record<string, string>> };

/**
 * Answers with a stream of text. `source` goes on when what it gave has been taken, and no sooner. What ends early ends
 * with the connection cut, so that nobody takes it for whole.
 */
export function textStream(
  source: AsyncIterable<string>,
  { signal, leave, headers, takesNothingMs = TAKES_NOTHING_MS }: TextStream,
): Response {
  async function* texts() {
    for await (const text of source) {
      await nextTurn();
      const slow = setTimeout(
        () => body.destroy(new AppError("unavailable", "whoever reads a stream takes nothing")),
        takesNothingMs,
      );
      try {
        yield text;
      } finally {
        clearTimeout(slow);
      }
    }
  }
  // Nothing is read ahead: a batch at a time is enough.
  const body = Readable.from(texts(), { objectMode: false, highWaterMark: 1 });
  const until = AbortSignal.any([signal, untilStop()]);
  const end = () => void body.destroy(until.reason as Error);
  until.addEventListener("abort", end, { once: true });
  if (until.aborted) end();
  body.on("error", (error) => {
    if (!signal.aborted) log.warn("a stream ended early", { error });
  });
  body.once("close", () => {
    until.removeEventListener("abort", end);
    leave();
  });
  return new Response(Readable.toWeb(body) as ReadableStream, {
    headers: { ...headers, "x-accel-buffering": "no" },
  });
}

const ndjson = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

/** Answers with a stream of values as JSON, a line each, as `textStream` does. One that was cut has no last line. */
export function lineStream(source: AsyncIterable<readonly unknown[]>, stream: LineStream): Response {
  async function* lines() {
    for await (const values of source) yield ndjson(values);
  }
  return textStream(lines(), { ...stream, headers: { "content-type": "application/x-ndjson" } });
}
