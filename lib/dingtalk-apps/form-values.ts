// Without zod: forms need these at once, and load the schemas that use them when somebody begins to type.

/** What copying from a web page brings along: whole-width spaces, line ends, marks that can't be seen. */
const PASTED = /[\s\u3000\u200b-\u200f\u2028-\u202e\u2060\ufeff]+/gu;

/** An identifier without what pasting added to it. */
export const withoutPasted = (text: string): string => text.replace(PASTED, "");

/** How often an app is synced by itself; 0 for never. */
export const SYNC_EVERY_HOURS = [0, 1, 2, 3, 6, 12, 24] as const;

/** What DingTalk allows each API in a second: in its standard edition, in its professional one, and at most. */
export const CALLS_PER_SECOND = [20, 40, 60] as const;

/** Charged calls that DingTalk's editions allow in a month: Standard since November 2025, Standard before, Professional. */
export const CALLS_PER_MONTH = [5_000, 10_000, 500_000] as const;

/** How an app gets its tokens. */
export const APP_KINDS = ["internal", "unified", "isv"] as const;
export type AppKind = (typeof APP_KINDS)[number];

/** The fields that a connection's test looks at, by the app's kind. */
export const CREDENTIAL_FIELDS = {
  internal: ["appKey", "appSecret"],
  unified: ["appKey", "appSecret", "corpId"],
  isv: ["suiteKey", "suiteSecret", "suiteTicket", "corpId"],
} as const satisfies Record<AppKind, readonly string[]>;

/** What a connection's test looks at, in its order. */
export const CHECKS = ["reach", "credentials", "scope", "departments"] as const;
