import { Agent, get } from "node:http";

export type PageLoad = {
  /** Answered requests a second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Answers that weren't 200, and requests without one. */
  readonly failed: number;
};

type Visit = { readonly ms: number; readonly isOk: boolean };

/** Asks for a page as a browser does, and reads all of it. */
function visit(url: string, cookie: string, agent: Agent): Promise<Visit> {
  const startedMs = performance.now();
  const headers = { cookie, accept: "text/html", "accept-encoding": "gzip" };
  return new Promise((resolve) => {
    const end = (isOk: boolean) => resolve({ ms: performance.now() - startedMs, isOk });
    get(url, { agent, headers }, (answer) => {
      answer.on("error", () => end(false)).on("end", () => end(answer.statusCode === 200));
      answer.resume();
    }).on("error", () => end(false));
  });
}

/**
 * Has several people ask for a page, each as soon as the last one was there.
 *
 * @param cookies the session of each of them
 */
export async function loadPage(url: string, cookies: readonly string[], seconds: number): Promise<PageLoad> {
  const agent = new Agent({ keepAlive: true, maxSockets: cookies.length });
  const visits: Visit[] = [];
  const untilMs = performance.now() + seconds * 1_000;
  await Promise.all(
    cookies.map(async (cookie) => {
      while (performance.now() < untilMs) visits.push(await visit(url, cookie, agent));
    }),
  );
  agent.destroy();
  const times = visits.map(({ ms }) => ms).sort((a, b) => a - b);
  const quantile = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return {
    perSecond: visits.length / seconds,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    failed: visits.filter(({ isOk }) => !isOk).length,
  };
}
