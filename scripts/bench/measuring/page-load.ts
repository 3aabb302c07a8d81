import { Agent, get } from "node:http";

export type PageLoad = {
  /** Answered requests per second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Number of answers other than 200, and of requests without answer. */
  readonly failed: number;
};

type Visit = { readonly ms: number; readonly isOk: boolean };

/** Requests a page as a browser does, and reads the whole answer. */
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
 * Lets several users request a page without pauses.
 *
 * @param cookies one session per user
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
