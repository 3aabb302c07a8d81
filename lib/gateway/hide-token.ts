import { Readable } from "node:stream";
import { spellingsOf } from "@/lib/dingtalk/hide-secrets";
import type { Redacted } from "@/lib/redacted";

const bytesOf = (token: Redacted): Buffer[] =>
  [...new Set(spellingsOf(token.reveal()))].map((spelling) => Buffer.from(spelling));

/** Overwrites the token in a body, in every spelling, with as many bytes: its length is known already. */
function overwrite(body: Buffer, spellings: readonly Buffer[]): Buffer {
  if (!spellings.some((spelling) => body.includes(spelling))) return body;
  const hidden = Buffer.from(body);
  for (const spelling of spellings) {
    for (let at = hidden.indexOf(spelling); at >= 0; at = hidden.indexOf(spelling, at + spelling.length))
      hidden.fill("x", at, at + spelling.length);
  }
  return hidden;
}

/** Returns a whole body in which the token is overwritten. */
export const hideToken = (whole: Buffer, token: Redacted): Buffer => overwrite(whole, bytesOf(token));

/** How many of the last bytes may be the beginning of a token that the next piece ends. */
function begunAtEnd(bytes: Buffer, spellings: readonly Buffer[]): number {
  const longest = Math.max(...spellings.map(({ length }) => length));
  for (let count = Math.min(bytes.length, longest - 1); count > 0; count -= 1) {
    const end = bytes.subarray(bytes.length - count);
    if (spellings.some((spelling) => count < spelling.length && spelling.subarray(0, count).equals(end)))
      return count;
  }
  return 0;
}

async function* overwritten(body: Readable, spellings: readonly Buffer[]): AsyncGenerator<Buffer> {
  let kept: Buffer = Buffer.alloc(0);
  for await (const piece of body as AsyncIterable<Buffer>) {
    const bytes = overwrite(kept.length > 0 ? Buffer.concat([kept, piece]) : piece, spellings);
    const begun = begunAtEnd(bytes, spellings);
    kept = bytes.subarray(bytes.length - begun);
    if (begun < bytes.length) yield bytes.subarray(0, bytes.length - begun);
  }
  if (kept.length > 0) yield kept;
}

/** The same for a body on its way, also where a token is cut in two. Only what may begin a token waits for more. */
export function hideTokenIn(body: Readable, token: Redacted): Readable {
  const hidden = Readable.from(overwritten(body, bytesOf(token)), { objectMode: false });
  // A generator that was never asked for anything has no end of its own
  hidden.once("close", () => body.destroy());
  return hidden;
}
