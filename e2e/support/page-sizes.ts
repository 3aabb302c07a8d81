import { gzipSync } from "node:zlib";
import type { Page, Request } from "@playwright/test";

/** A page's first load, in bytes. */
export type PageSizes = {
  /** As they travel. */
  readonly scripts: number;
  readonly styles: number;
  /** The component payload within the HTML, alone and compressed. */
  readonly payload: number;
  /** The HTML with the payload in it, as it travels. */
  readonly document: number;
  /** The same before compression. */
  readonly unpacked: number;
  /** Each script and style sheet, the largest first. */
  readonly files: readonly File[];
};

type File = { readonly path: string; readonly bytes: number };

const PAYLOAD_PIECE = /self\.__next_f\.push\((\[1,".*?"\])\)<\/script>/gs;

/** What Next hands to its own script in the page, as `RSC: 1` would give it. */
const payloadOf = (html: string): string =>
  [...html.matchAll(PAYLOAD_PIECE)].map(([, piece = ""]) => (JSON.parse(piece) as [1, string])[1]).join("");

const pathOf = (request: Request) => new URL(request.url()).pathname;
const bytesOf = async (request: Request) => (await request.sizes()).responseBodySize;

async function weigh(requests: readonly Request[], type: string): Promise<File[]> {
  const those = requests.filter((request) => request.resourceType() === type);
  return Promise.all(those.map(async (one) => ({ path: pathOf(one), bytes: await bytesOf(one) })));
}

const sum = (files: readonly File[]) => files.reduce((all, { bytes }) => all + bytes, 0);

/**
 * Loads a page and weighs what came. Files that only a link on the page is about to need are not counted: the
 * document doesn't name them.
 *
 * @param page of a browser that has nothing in its cache yet
 */
export async function measureSizes(page: Page, path: string): Promise<PageSizes> {
  const finished: Request[] = [];
  const note = (request: Request) => void finished.push(request);
  page.on("requestfinished", note);
  const response = await page.goto(path, { waitUntil: "load" });
  page.off("requestfinished", note);
  if (!response) throw new Error(`${path} had no answer`);
  const body = await response.body();
  const html = body.toString();
  const named = finished.filter((request) => html.includes(pathOf(request)));
  const [scripts, styles] = [await weigh(named, "script"), await weigh(named, "stylesheet")];
  return {
    scripts: sum(scripts),
    styles: sum(styles),
    payload: gzipSync(payloadOf(html)).length,
    document: await bytesOf(response.request()),
    unpacked: body.length,
    files: [...scripts, ...styles].sort((a, b) => b.bytes - a.bytes),
  };
}
