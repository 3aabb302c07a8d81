import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { err, ok, type Result } from "@/lib/result";

export const BODY_BYTES_MAX = 10 * 1024 * 1024;

export type BodyRefusal = "too_large" | "undecodable";

/**
 * Reads a body as UTF-8 text. Above 10 MB of decompressed data it destroys the stream and its connection.
 * @param encoding the answer's `content-encoding`: gzip, deflate, br or none
 * @throws the stream's error
 */
export async function readBody(body: Readable, encoding: string): Promise<Result<string, BodyRefusal>> {
  // A body that is not read to its end emits an error, which would be uncaught without a listener
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

/** `pipeline`, unlike `pipe`, destroys each stream when the other fails. The reader of `decoder` gets the error. */
const joined = (body: Readable, decoder: Transform): Transform => pipeline(body, decoder, () => {});

function isDecodingFailure(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("Z_") || code.startsWith("ERR__ERROR_FORMAT") || code.startsWith("ERR_BROTLI");
}
