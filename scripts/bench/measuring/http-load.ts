import { createRequire } from "node:module";

export type HttpLoad = {
  /** Answered requests per second, on average. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly answered: number;
  /** Number of answers other than 2xx, and of requests without answer. */
  readonly failed: number;
};

type Options = {
  readonly headers?: Readonly<Record<string, string>>;
  /** Paths to request in turn; by default the URL itself. */
  readonly paths?: readonly string[];
  readonly connections?: number;
  /** Sends from a separate thread, so that sending does not delay measurements in this one. */
  readonly isApart?: boolean;
} & ({ readonly seconds: number } | { readonly requests: number });

type Result = {
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
};

// The package has no types.
const autocannon = createRequire(import.meta.url)("autocannon") as (options: object) => Promise<Result>;

const CONNECTIONS = 16;

/** Requests a URL on several connections without pauses, for a duration or a number of requests. */
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
