import { get, type IncomingMessage } from "node:http";
import { gunzipSync, gzipSync } from "node:zlib";
import type { BrowserContext } from "@playwright/test";

/** A page's first load, in bytes. */
export type PageSizes = {
  /** Compressed. */
  readonly scripts: number;
  readonly styles: number;
  /** The component payload in the HTML, compressed separately. */
  readonly payload: number;
  /** The HTML with the payload, compressed. */
  readonly document: number;
  /** The HTML with the payload, uncompressed. */
  readonly unpacked: number;
  /** Each script and style sheet, largest first. */
  readonly files: readonly File[];
};

type File = { readonly path: string; readonly bytes: number };

const PAYLOAD_PIECE = /self\.__next_f\.push\((\[1,".*?"\])\)<\/script>/gs;

/** Returns the payload that Next passes to its script in the page, equal to an answer to `RSC: 1`. */
const payloadOf = (html: string): string =>
  [...html.matchAll(PAYLOAD_PIECE)].map(([, piece = ""]) => (JSON.parse(piece) as [1, string])[1]).join("");

/** The size is compressed, the body is not. */
type Loaded = { readonly bytes: number; readonly body: Buffer };

/** Requests an address with the compression that browsers accept without TLS. */
async function load(address: string, cookie: string): Promise<Loaded> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(address, { headers: { accept: "*/*", "accept-encoding": "gzip, deflate", cookie } }, resolve).on(
    "error",
    reject,
  );
  const response = await promise;
  const compressed = Buffer.concat((await response.toArray()) as Buffer[]);
  if (response.statusCode !== 200 && response.statusCode !== 404)
    throw new Error(`${address} was answered with ${response.statusCode}`);
  const isCompressed = response.headers["content-encoding"] === "gzip";
  return { bytes: compressed.length, body: isCompressed ? gunzipSync(compressed) : compressed };
}

/** Each file is requested once, because all pages share them. */
const fileBytes = new Map<string, Promise<number>>();

function bytesOfFile(address: string): Promise<number> {
  const known = fileBytes.get(address);
  if (known) return known;
  const bytes = load(address, "").then((loaded) => loaded.bytes);
  fileBytes.set(address, bytes);
  return bytes;
}

/** Matches scripts for browsers without modules, which current browsers do not load. */
const FOR_OLD_BROWSERS = /<script\b[^>]*\bnomodule\b[^>]*>/gi;

async function weigh(html: string, origin: string, extension: "js" | "css"): Promise<File[]> {
  const named = html
    .replace(FOR_OLD_BROWSERS, "")
    .matchAll(new RegExp(`/_next/static/[^"'\\\\\\s<>?]+\\.${extension}`, "g"));
  const paths = [...new Set([...named].map(([path]) => path))];
  return Promise.all(paths.map(async (path) => ({ path, bytes: await bytesOfFile(origin + path) })));
}

/** Returns the `Cookie` header of a browser's requests. */
export async function cookiesOf(context: BrowserContext): Promise<string> {
  return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
}

const sum = (files: readonly File[]) => files.reduce((all, { bytes }) => all + bytes, 0);

/**
 * Measures a page and the files that its document names, for a browser with an empty cache. Files that are only prefetched
 * for links are not counted.
 *
 * @param cookie `Cookie` header of a session, or an empty string
 */
export async function measureSizes(address: string, cookie: string): Promise<PageSizes> {
  const { bytes, body } = await load(address, cookie);
  const { origin } = new URL(address);
  const html = body.toString();
  const [scripts, styles] = [await weigh(html, origin, "js"), await weigh(html, origin, "css")];
  return {
    scripts: sum(scripts),
    styles: sum(styles),
    payload: gzipSync(payloadOf(html)).length,
    document: bytes,
    unpacked: body.length,
    files: [...scripts, ...styles].sort((a, b) => b.bytes - a.bytes),
  };
}
