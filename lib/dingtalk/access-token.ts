import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { fieldOf } from "./read-fields";
import type { JsonObject } from "./read-json";

/** The APIs that give an app's token. */
const TOKEN_APIS = [
  "v1.0/oauth2/accessToken",
  "gettoken",
  "v1.0/oauth2/{corpId}/token",
  "v1.0/oauth2/corpAccessToken",
  "service/get_corp_token",
] as const;

export type TokenApi = (typeof TOKEN_APIS)[number];

export const isTokenApi = (api: string): api is TokenApi => TOKEN_APIS.some((one) => one === api);

export type AccessToken = {
  readonly token: Redacted;
  /** When DingTalk stops honouring it, by our clock, counted from before the request. */
  readonly expiresAt: Date;
  readonly lifetimeSeconds: number;
  /** The API that gave it. */
  readonly source: TokenApi;
};

const LIFETIME_SECONDS_DEFAULT = 7_200;
/** More than this is no lifetime but a mistake, and a date that far is none. */
const LIFETIME_SECONDS_MAX = 366 * 24 * 3_600;

/** Reads the token out of an answer of `source`; both spellings of its fields are read on every API. */
export const readAccessToken =
  (source: TokenApi) =>
  (answer: JsonObject, sentAtMs: number): Result<AccessToken, string> => {
    const token = fieldOf(answer, "accessToken") ?? fieldOf(answer, "access_token");
    // It goes into a header and an address: what could break either is no token
    if (typeof token !== "string" || !/^[\x21-\x7e]{1,4096}$/.test(token)) return err("accessToken");
    const lifetimeSeconds = lifetimeSecondsOf(answer);
    const expiresAt = new Date(sentAtMs + lifetimeSeconds * 1_000);
    return ok({ token: new Redacted(token), expiresAt, lifetimeSeconds, source });
  };

/** Missing, 0 or negative would mean asking again at once and for ever, so the documented 7,200 s stand in. */
function lifetimeSecondsOf(answer: JsonObject): number {
  const names = ["expireIn", "expires_in", "expiresIn"];
  const value = names.map((name) => fieldOf(answer, name)).find((found) => found !== undefined);
  const seconds = typeof value === "string" ? Number(value) : value;
  if (typeof seconds !== "number" || !(seconds > 0)) return LIFETIME_SECONDS_DEFAULT;
  return seconds > LIFETIME_SECONDS_MAX ? LIFETIME_SECONDS_DEFAULT : seconds;
}
