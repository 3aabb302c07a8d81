/**
 * Every limit on users, services and addresses. Limits of DingTalk are in `lib/dingtalk`, page sizes in the features.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Wrong passwords (S7). After the free ones each doubles the wait, from 30 s. */
export const SIGN_IN = {
  firstDelaySeconds: 30,
  doublingsMax: 20,
  pair: { free: 5, delaySecondsMax: 60 * 60, windowMs: DAY_MS },
  /** For one e-mail. Strangers can cause this wait for the owner, so it is short. */
  account: { free: 20, delaySecondsMax: 15 * 60, windowMs: DAY_MS },
  /** For one address: more than an office gets wrong, fewer than trying one password on many accounts needs. */
  address: { free: 50, delaySecondsMax: 15 * 60, windowMs: HOUR_MS },
} as const;

/** Password hashes of one process (S6). Each takes 19 MiB and a tenth of a second. */
export const PASSWORD_HASHES = { running: 2, waiting: 50, retryAfterSeconds: 5 } as const;

/** Password checks after which an address or account shares its part of the hash queue. One is forgotten every 5 minutes. */
export const FREQUENT_PASSWORD_CHECKS = { perSecond: 1 / (5 * 60), burst: 3 } as const;

/** Organizations created from one address in an hour (S8). */
export const SIGN_UPS_PER_HOUR = 5;

/** Unknown API keys from one address (S11). */
export const WRONG_KEYS = {
  perMinute: 30,
  /** How long an unknown key is refused without a query. */
  rememberedMs: 30 * SECOND_MS,
  addressesMax: 10_000,
  keysMax: 10_000,
  /** Wait of an address whose lookups under way would reach the limit if all failed. */
  lookupMs: SECOND_MS,
} as const;

export const KEY_REQUESTS_PER_MINUTE = { default: 600, max: 60_000 } as const;

/** Connection tests (S9). A refused pair of AppKey and AppSecret counts for the organization and the address. */
export const CONNECTION_TESTS = {
  refusedPerHourOfOrganization: 10,
  refusedPerHourOfAddress: 30,
  perHourOfOrganization: 120,
  refusalRememberedMs: 30 * SECOND_MS,
  refusalsRememberedMax: 1_000,
  /** At once in one process, one for each connection. */
  running: 64,
  /** Must stay below `refusedPerHourOfOrganization`, because a running test counts as a refused one. */
  runningOfOrganization: 2,
  waiting: 50,
  /** A test that takes longer marks its organization as slow for ten minutes. */
  slowMs: 5 * SECOND_MS,
  slow: { perSecond: 1 / (10 * 60), burst: 1 },
} as const;

export const DOCTOR_CHECKS_PER_HOUR = 60;

export const APP_RETRIES_PER_HOUR = 20;

/** Event streams of one user's browsers (S30). */
export const EVENT_STREAMS_OF_USER = 3;

export const DIRECTORY_STREAMS = { ofReader: 2, ofProcess: 8, retryAfterSeconds: 5 } as const;

/** Requests that one process works on at once, and requests that wait for it. */
export const REQUESTS_AT_ONCE = {
  person: { running: 4, waiting: 28 },
  organization: { running: 8, waiting: 100 },
  /** An office behind one address, or everybody behind a proxy that `TRUSTED_PROXIES` doesn't name. */
  address: { running: 16, waiting: 200 },
  pages: { running: 64, waiting: 500 },
  key: { running: 8, waiting: 100 },
  organizationOfKeys: { running: 16, waiting: 300 },
  machines: { running: 64, waiting: 2_000 },
  waitMs: 5 * SECOND_MS,
  retryAfterSeconds: 2,
} as const;

/** Requests without a known session or key: the tokens of an address, and what each request costs. */
export const UNKNOWN_CLIENTS = {
  perSecond: 100,
  burst: 1_000,
  cost: { page: 10, machine: 2, other: 1 },
} as const;

/** Answers of 429 that a client gets for one path before its next requests are refused without any work. */
export const REFUSALS = {
  perSecond: 10,
  burst: 20,
  /** How long a refusal is delayed, so that a client that ignores Retry-After is slow. */
  delayMs: 500,
  /** Delayed refusals leave one by one, so that they take only a small part of the process. */
  spacingMs: 5,
  delayedMax: 20_000,
} as const;

/** Connections from one address; more are closed at once. Trusted proxies have no limit. */
export const CONNECTIONS_OF_ADDRESS = 2_000;

/** Long polls and other requests of services that wait in one process (S30). */
export const WAITING_REQUESTS = { ofKey: 100, ofAll: 2_000, retryAfterSeconds: 5 } as const;

/** Unfinished gateway calls of an organization: each may occupy a buffered body and a connection (S30). */
export const GATEWAY_CALLS_OF_ORGANIZATION = 100;

/** Longest time that a client's request may take to arrive (S30). */
export const RECEIVE_MS_MAX = 15 * SECOND_MS;

/** Largest body of an API request (S30). */
export const API_BODY_BYTES_MAX = 256 * 1_024;

/** A client that reads nothing of an answer for this long is disconnected (S30). */
export const STALLED_READER_MS = 30 * SECOND_MS;

/** Longest wait that a client may request: for a newer token, or for the turn of a gateway call. */
export const REQUESTED_WAIT_SECONDS_MAX = 30;

/** While the database is unavailable, a process uses this part of each shared limit: one divided by it. */
export const PROCESSES_ASSUMED = 4;
