import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { fieldOf } from "./read-fields";
import type { JsonObject } from "./read-json";

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
  /** Counted from the moment the request was sent, on this server's clock. */
  readonly expiresAt: Date;
  readonly lifetimeSeconds: number;
  readonly source: TokenApi;
};

const LIFETIME_SECONDS_DEFAULT = 7_200;
/** A longer lifetime is an error of the answer. */
const LIFETIME_SECONDS_MAX = 366 * 24 * 3_600;

/** Returns a reader of `source`'s answers. It accepts the field names of both hosts. */
export const readAccessToken =
  (source: TokenApi) =>
  (answer: JsonObject, sentAtMs: number): Result<AccessToken, string> => {
    const token = fieldOf(answer, "accessToken") ?? fieldOf(answer, "access_token");
    // The token goes into a header or a query string, so other characters are refused
    if (typeof token !== "string" || !/^[\x21-\x7e]{1,4096}$/.test(token)) return err("accessToken");
    const lifetimeSeconds = lifetimeSecondsOf(answer);
    const expiresAt = new Date(sentAtMs + lifetimeSeconds * 1_000);
    return ok({ token: new Redacted(token), expiresAt, lifetimeSeconds, source });
  };

/** Falls back to the documented 7,200 s: a lifetime of 0 would cause renewals without end. */
function lifetimeSecondsOf(answer: JsonObject): number {
  const names = ["expireIn", "expires_in", "expiresIn"];
  const value = names.map((name) => fieldOf(answer, name)).find((found) => found !== undefined);
  const seconds = typeof value === "string" ? Number(value) : value;
  if (typeof seconds !== "number" || !(seconds > 0)) return LIFETIME_SECONDS_DEFAULT;
  return seconds > LIFETIME_SECONDS_MAX ? LIFETIME_SECONDS_DEFAULT : seconds;
}
