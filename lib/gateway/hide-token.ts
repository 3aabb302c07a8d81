import { Readable } from "node:stream";
import { spellingsOf } from "@/lib/dingtalk/hide-secrets";
import type { Redacted } from "@/lib/redacted";

const bytesOf = (token: Redacted): Buffer[] =>
  [...new Set(spellingsOf(token.reveal()))].map((spelling) => Buffer.from(spelling));

/** Overwrites every spelling of the token with the same number of bytes, because the length is already announced. */
function overwrite(body: Buffer, spellings: readonly Buffer[]): Buffer {
  if (!spellings.some((spelling) => body.includes(spelling))) return body;
  const hidden = Buffer.from(body);
  for (const spelling of spellings) {
    for (let at = hidden.indexOf(spelling); at >= 0; at = hidden.indexOf(spelling, at + spelling.length))
      hidden.fill("x", at, at + spelling.length);
  }
  return hidden;
}

export const hideToken = (whole: Buffer, token: Redacted): Buffer => overwrite(whole, bytesOf(token));

/** Returns how many trailing bytes may be the start of a token that continues in the next chunk. */
function tokenPrefixLength(bytes: Buffer, spellings: readonly Buffer[]): number {
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
    const begun = tokenPrefixLength(bytes, spellings);
    kept = bytes.subarray(bytes.length - begun);
    if (begun < bytes.length) yield bytes.subarray(0, bytes.length - begun);
  }
  if (kept.length > 0) yield kept;
}

/** Overwrites the token in a stream, even when it spans two chunks. Only a possible start of a token is delayed. */
export function hideTokenIn(body: Readable, token: Redacted): Readable {
  const hidden = Readable.from(overwritten(body, bytesOf(token)), { objectMode: false });
  // The `finally` of a generator that was never read doesn't run
  hidden.once("close", () => body.destroy());
  return hidden;
}
