import { type Browser, type BrowserContext, chromium } from "@playwright/test";
import { prepareEveryPage } from "@/e2e/support/every-page";
import { launchOptions } from "@/e2e/support/launch-options";
import { cookiesOf, measureSizes, type PageSizes } from "@/e2e/support/page-sizes";
import { excessesOf, type Limited, needsSession, PAGE_TYPES, type PageType } from "@/e2e/support/page-types";
import { companyOf, plantDirectory } from "@/e2e/support/plant-directory";
import { buildApp } from "@/server/build-app";
import { freePort } from "@/server/ports";
import { installBrowser } from "../ci/install-browser";
import { startProgram } from "./measuring/program";
import { kilobytesText, median } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";
import { measureKeys, measureSpeed, type PageSpeed, type Reaction } from "./page-speed";

const DEPARTMENTS = 100_000;

type Visit = {
  readonly type: PageType;
  readonly route: string;
  readonly sizes: PageSizes;
  readonly speed: PageSpeed;
};

/** Opens a page in a browser with an empty cache and the session of `as`. */
type Open = <T>(as: BrowserContext | null, work: (context: BrowserContext) => Promise<T>) => Promise<T>;

const openerOf =
  (browser: Browser, baseURL: string): Open =>
  async (as, work) => {
    const context = await browser.newContext({ baseURL, locale: "en-US" });
    try {
      if (as) await context.addCookies(await as.cookies());
      return await work(context);
    } finally {
      await context.close();
    }
  };

async function visitAll(
  open: Open,
  context: BrowserContext,
  origin: string,
): Promise<{ visits: Visit[]; reactions: Reaction[] }> {
  const page = await context.newPage();
  const addressOf = await prepareEveryPage(page);
  const visits: Visit[] = [];
  for (const type of PAGE_TYPES) {
    for (const route of type.routes) {
      const [as, address] = [needsSession(route) ? context : null, addressOf(route)];
      const sizes = await measureSizes(origin + address, as ? await cookiesOf(as) : "");
      const speed = await open(as, async (fresh) => measureSpeed(await fresh.newPage(), address));
      visits.push({ type, route, sizes, speed });
    }
  }
  const organization = addressOf("/o/[organization]");
  const app = await plantDirectory(organization, companyOf(DEPARTMENTS));
  const reactions = await open(context, async (fresh) => measureKeys(await fresh.newPage(), app));
  return { visits, reactions };
}

async function measure(): Promise<{ visits: Visit[]; reactions: Reaction[] }> {
  if ((await buildApp("ignore")) !== 0) throw new Error("the application could not be built");
  if (!(await installBrowser())) throw new Error("there is no browser");
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  // Starts the server directly. Its usual parent process, which writes the output to a file, leaves signals to it.
  const server = await startProgram("e2e-server serve", `${address}/readyz`, { E2E_PORT: String(port) });
  const browser = await chromium.launch(launchOptions);
  try {
    const open = openerOf(browser, address);
    return await open(null, (context) => visitAll(open, context, address));
  } finally {
    await browser.close();
    await server.end("SIGTERM");
  }
}

function rowOf({ type, route, sizes, speed }: Visit): string[] {
  const ofLimit = (what: Limited) => {
    const limit = type.limits[what];
    return limit === undefined ? kilobytesText(sizes[what]) : `${kilobytesText(sizes[what])} of ${limit}`;
  };
  return [
    route,
    ofLimit("scripts"),
    ofLimit("styles"),
    ofLimit("payload"),
    kilobytesText(sizes.document),
    ofLimit("unpacked"),
    `${(speed.largestPaintMs / 1_000).toFixed(2)} s`,
    speed.layoutShift.toFixed(3),
  ];
}

async function run(): Promise<Measured> {
  const { visits, reactions } = await measure();
  const [slowest] = reactions;
  return {
    failures: visits.flatMap(({ type, route, sizes }) =>
      excessesOf(type, sizes).map((excess) => `${route}, ${excess}`),
    ),
    section: {
      title: "Pages",
      about:
        "First loads in Chromium with an empty cache, in bytes on the wire (gzip), beside the limit of each page type; " +
        "*payload* is the component payload alone. Largest paint and layout shift with a CPU four times slower, 10 Mbit/s and 40 ms.",
      head: [
        "page",
        "scripts",
        "styles",
        "payload",
        "HTML with payload",
        "before compression",
        "largest paint",
        "shift",
      ],
      rows: visits.map(rowOf),
      notes: [
        `A key press in a tree of ${DEPARTMENTS.toLocaleString("en")} departments, with a CPU four times slower, was painted after ` +
          `${median(reactions.map(({ ms }) => ms))} ms (median of ${reactions.length}), at most ${slowest?.ms} ms (${slowest?.key}). ` +
          "The browser reports 16 ms or more, in steps of 8.",
        "Targets: largest paint within 1.8 s, reaction to a key within 50 ms, layout shift of at most 0.02.",
      ],
    },
  };
}

/** Measures sizes and speed of pages. */
export const pages: Part = { name: "pages", run };
