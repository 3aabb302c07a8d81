// Without zod, because the browser loads this file with the form and the schemas later.

/** Characters that copying from a web page adds: full-width spaces, line breaks, invisible marks. */
const PASTED = /[\s\u3000\u200b-\u200f\u2028-\u202e\u2060\ufeff]+/gu;

export const withoutPasted = (text: string): string => text.replace(PASTED, "");

/** Intervals of the sync schedule; 0 for no schedule. */
export const SYNC_EVERY_HOURS = [0, 1, 2, 3, 6, 12, 24] as const;

/** DingTalk's rate limits per API: Standard edition, Professional edition, maximum. */
export const CALLS_PER_SECOND = [20, 40, 60] as const;

/** Billable calls per month in DingTalk's editions: Standard since November 2025, Standard before, Professional. */
export const CALLS_PER_MONTH = [5_000, 10_000, 500_000] as const;

export const APP_KINDS = ["internal", "unified", "isv"] as const;
export type AppKind = (typeof APP_KINDS)[number];

export const CREDENTIAL_FIELDS = {
  internal: ["appKey", "appSecret"],
  unified: ["appKey", "appSecret", "corpId"],
  isv: ["suiteKey", "suiteSecret", "suiteTicket", "corpId"],
} as const satisfies Record<AppKind, readonly string[]>;

export const CHECKS = ["reach", "credentials", "scope", "departments"] as const;
