import { Readable } from "node:stream";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

/** As much of an answer is read before the first byte of it is passed on. */
export const LOOKED_BYTES_MAX = 65_536;
/** What a small answer may become; a bomb stays unread, and is passed on as it is. */
const UNPACKED_BYTES_MAX = 1_048_576;

/** An answer's body: whole, so that it can be understood, or on its way. */
export type Looked = { readonly whole: Buffer | null; readonly onItsWay: Readable | null };

/** Reads a body that is short; of a longer one nothing is lost. */
export async function lookInto(body: Readable): Promise<Looked> {
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  const held: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const { value, done } = await chunks.next();
    if (done) return { whole: Buffer.concat(held), onItsWay: null };
    held.push(value);
    bytes += value.length;
    if (bytes > LOOKED_BYTES_MAX) break;
  }
  async function* rest(): AsyncGenerator<Buffer> {
    try {
      for (let chunk = held.shift(); chunk; chunk = held.shift()) yield chunk;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    } finally {
      body.destroy();
    }
  }
  return { whole: null, onItsWay: Readable.from(rest(), { objectMode: false }) };
}

const UNPACK: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** The text of a body that was read; `null` for one that can't be unpacked. */
export function textOfBody(whole: Buffer, encoding: string | null): string | null {
  const name = (encoding ?? "").trim().toLowerCase();
  if (name === "" || name === "identity") return whole.toString("utf8");
  try {
    return UNPACK[name]?.(whole, { maxOutputLength: UNPACKED_BYTES_MAX }).toString("utf8") ?? null;
  } catch {
    return null;
  }
}
