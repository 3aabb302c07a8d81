import { Readable } from "node:stream";

/** At most this much of an answer is read before its first byte is passed on. */
export const INSPECTED_BYTES_MAX = 65_536;

export type AnswerBody = { readonly whole: Buffer | null; readonly stream: Readable | null };

/** Reads a short body completely; returns a longer one as a stream from its first byte. */
export async function inspectAnswer(body: Readable): Promise<AnswerBody> {
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  const buffered: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const { value, done } = await chunks.next();
    if (done) return { whole: Buffer.concat(buffered), stream: null };
    buffered.push(value);
    bytes += value.length;
    if (bytes > INSPECTED_BYTES_MAX) break;
  }
  async function* rest(): AsyncGenerator<Buffer> {
    for (let chunk = buffered.shift(); chunk; chunk = buffered.shift()) yield chunk;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  const stream = Readable.from(rest(), { objectMode: false });
  // The `finally` of a generator that was never read doesn't run
  stream.once("close", () => body.destroy());
  return { whole: null, stream };
}
