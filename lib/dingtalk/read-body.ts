import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { err, ok, type Result } from "@/lib/result";

/** What we read of one answer at most, after decompression. */
export const BODY_BYTES_MAX = 10 * 1024 * 1024;

export type BodyRefusal = "too_large" | "undecodable";

/**
 * Reads a body as UTF-8 text, and stops at 10 MB after decompression however small it was on the way:
 * the stream is destroyed, and with it the connection.
 *
 * @param encoding the answer's `content-encoding`; one of gzip, deflate and br, or none
 * @throws what the stream throws: a lost connection, an aborted request
 */
export async function readBody(body: Readable, encoding: string): Promise<Result<string, BodyRefusal>> {
  // Leaving a body unread destroys it, which it reports as an error when nobody iterates any more
  body.on("error", () => {});
  const decoder = decoderOf(encoding);
  if (decoder === "unknown") {
    body.destroy();
    return err("undecodable");
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of decoder ? joined(body, decoder) : body) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) return err("too_large");
      chunks.push(chunk);
    }
  } catch (error) {
    if (isDecodingFailure(error)) return err("undecodable");
    throw error;
  }
  return ok(new TextDecoder().decode(Buffer.concat(chunks)));
}

/** Returns what unpacks a `content-encoding`; `null` for none, `unknown` for one that we can't unpack. */
export function decoderOf(encoding: string): Transform | "unknown" | null {
  switch (encoding.trim().toLowerCase()) {
    case "":
    case "identity":
      return null;
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      return "unknown";
  }
}

/** `pipeline`, not `pipe`: when either end fails or is left, the other is destroyed. The reader sees the failure. */
const joined = (body: Readable, decoder: Transform): Transform => pipeline(body, decoder, () => {});

function isDecodingFailure(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("Z_") || code.startsWith("ERR__ERROR_FORMAT") || code.startsWith("ERR_BROTLI");
}
