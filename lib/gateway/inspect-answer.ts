import { Readable } from "node:stream";

/** As much of an answer is read before the first byte of it is passed on. */
export const LOOKED_BYTES_MAX = 65_536;

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
    for (let chunk = held.shift(); chunk; chunk = held.shift()) yield chunk;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  const onItsWay = Readable.from(rest(), { objectMode: false });
  // A generator that was never asked for anything has no end of its own
  onItsWay.once("close", () => body.destroy());
  return { whole: null, onItsWay };
}
