import { createRequire } from "node:module";

export type HttpLoad = {
  /** Answered requests a second, on average. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly answered: number;
  /** Answers that weren't 2xx, and requests without one. */
  readonly failed: number;
};

type Options = {
  readonly headers?: Readonly<Record<string, string>>;
  /** Asked one after another; none: the address itself. */
  readonly paths?: readonly string[];
  readonly connections?: number;
  /** Sends from a thread of its own, so that whoever measures meanwhile isn't held up by sending. */
  readonly isApart?: boolean;
} & ({ readonly seconds: number } | { readonly requests: number });

type Result = {
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
};

// It comes without types.
const autocannon = createRequire(import.meta.url)("autocannon") as (options: object) => Promise<Result>;

const CONNECTIONS = 16;

/** Asks an address for some time, or so many times, on some connections, each as soon as it was answered. */
export async function loadHttp(url: string, options: Options): Promise<HttpLoad> {
  const { headers = {}, paths, connections = CONNECTIONS, isApart = false } = options;
  const limit = "seconds" in options ? { duration: options.seconds } : { amount: options.requests };
  const { requests, latency, non2xx, errors, timeouts } = await autocannon({
    url,
    headers,
    connections,
    ...limit,
    ...(isApart && { workers: 1 }),
    ...(paths && { requests: paths.map((path) => ({ path })) }),
  });
  return {
    perSecond: requests.average,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
    answered: requests.total,
    failed: non2xx + errors + timeouts,
  };
}
