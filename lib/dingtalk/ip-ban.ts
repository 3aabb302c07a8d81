import type { Verdict } from "./classify-error";
import { fieldOf, textOf } from "./read-fields";
import type { JsonObject } from "./read-json";

/** Length of a ban. */
const BAN_MS = 5 * 60_000;

/** Pause of an app whose call met a ban, until a probe has confirmed or denied the ban. */
export const UNCONFIRMED_BAN_MS = 60_000;
/** A job's call fails when it meets a ban for the third time. */
export const BANS_MAX = 3;
/** Longest wait of a job's call for the end of a ban. */
export const BAN_WAIT_MS_MAX = 20 * 60_000;

export const BANNED: Verdict = { kind: "ip_banned", waitMs: BAN_MS };

/** Length of the part of a page that is read. */
export const PAGE_CHARACTERS_MAX = 20_000;

/** Words of the ban page, which the gateway in front of DingTalk sends in an undocumented form. */
const BAN_WORDS = /punish|x5sec|_____tmd_____|\b1111\b|封禁|访问(?:过于频繁|受限|被拒绝|被拦截|被阻断)/gi;

/** Recognizes the JSON form of the ban. */
export const isBanStatus = (body: JsonObject): boolean => textOf(fieldOf(body, "status")) === "1111";

/**
 * Recognizes the page that bans this server's address. Ignores words that the request contains, since error pages quote
 * the request.
 * @param sent returns path, query and body as sent
 */
export function isBanPage(text: string, sent: () => string): boolean {
  const words = text.slice(0, PAGE_CHARACTERS_MAX).toLowerCase().match(BAN_WORDS) ?? [];
  if (words.length === 0) return false;
  const raw = sent().toLowerCase();
  return words.some((word) => !raw.includes(word) && !percentDecoded(raw).includes(word));
}

function percentDecoded(text: string): string {
  return text.replaceAll("+", " ").replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}
