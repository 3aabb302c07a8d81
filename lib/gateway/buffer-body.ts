import { Readable } from "node:stream";

/** A body of at most this size is buffered, so that the call can be repeated. */
export const BUFFERED_BODY_BYTES_MAX = 1_048_576;

/** The caller's body: buffered in `whole`, or streamed in `stream`, which can be sent only once. */
export type SentBody = {
  readonly whole: Buffer | null;
  readonly stream: Readable | null;
  readonly bytes: () => number;
};

/** Reads up to `bytesMax` bytes of a body into memory, and streams a longer body. */
export async function bufferBody(
  body: ReadableStream<Uint8Array> | null,
  bytesMax = BUFFERED_BODY_BYTES_MAX,
): Promise<SentBody> {
  if (body === null) return { whole: null, stream: null, bytes: () => 0 };
  const reader = body.getReader();
  const buffered: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return { whole: Buffer.concat(buffered), stream: null, bytes: () => bytes };
    bytes += value.length;
    buffered.push(value);
    if (bytes > bytesMax) break;
  }
  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      for (let chunk = buffered.shift(); chunk; chunk = buffered.shift()) yield chunk;
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        bytes += next.value.length;
        yield next.value;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }
  return { whole: null, stream: Readable.from(rest(), { objectMode: false }), bytes: () => bytes };
}
