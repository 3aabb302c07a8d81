import { Readable } from "node:stream";

/** A caller's body of this size or less is held, so that the call can be repeated. */
export const HELD_BODY_BYTES_MAX = 1_048_576;

/** What the caller sends: held as a whole, or on its way, so that it can be sent once. */
export type SentBody = {
  readonly whole: Buffer | null;
  readonly onItsWay: Readable | null;
  /** Bytes that came so far. */
  readonly bytes: () => number;
};

/** Reads up to `bytesMax` bytes of a body into memory, and streams a longer body. */
export async function holdBody(
  body: ReadableStream<Uint8Array> | null,
  bytesMax = HELD_BODY_BYTES_MAX,
): Promise<SentBody> {
  if (body === null) return { whole: null, onItsWay: null, bytes: () => 0 };
  const reader = body.getReader();
  const held: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return { whole: Buffer.concat(held), onItsWay: null, bytes: () => bytes };
    bytes += value.length;
    held.push(value);
    if (bytes > bytesMax) break;
  }
  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      for (let chunk = held.shift(); chunk; chunk = held.shift()) yield chunk;
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        bytes += next.value.length;
        yield next.value;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }
  return { whole: null, onItsWay: Readable.from(rest(), { objectMode: false }), bytes: () => bytes };
}
