import "server-only";
import { type Admitted, admitKey } from "@/lib/api-keys/admit-key";
import { AppError } from "@/lib/errors";
import { assertMayCall, type Incoming } from "./admit";
import { appOfClient, type ClientName } from "./gateway-app";
import { holdBody } from "./buffer-body";
import { LEASE_SECONDS, makeLeaseToken } from "./lease-token";
import type { Target } from "./target";

/** What a client proves itself with: its app's name, and a key of ours in place of the secret. */
type Pair = ClientName & { readonly secret: string };
type Fields = ReadonlyMap<string, string>;

/** A route of DingTalk's that gives out tokens, and is answered here. */
type TokenRoute = {
  readonly methods: readonly string[];
  readonly read: (fields: Fields, path: string) => Pair;
  readonly answer: (token: string) => object;
};

const first = (fields: Fields, ...names: string[]): string =>
  names.map((name) => fields.get(name)).find((value) => value !== undefined) ?? "";

/**
 * Not the old `service/get_corp_token`: it is signed with the secret, which of a key only a hash is here.
 *
 * @see docs/dingtalk/tokens.md
 * @see docs/dingtalk/third-party-apps.md
 */
const ROUTES: readonly (readonly [RegExp, TokenRoute])[] = [
  [
    /^gettoken$/,
    {
      methods: ["GET", "POST"],
      read: (fields) => ({
        key: first(fields, "appkey", "corpid"),
        secret: first(fields, "appsecret", "corpsecret"),
        corpId: null,
      }),
      answer: (token) => ({ errcode: 0, errmsg: "ok", access_token: token, expires_in: LEASE_SECONDS }),
    },
  ],
  [
    /^v1\.0\/oauth2\/accessToken$/,
    {
      methods: ["POST"],
      read: (fields) => ({ key: first(fields, "appKey"), secret: first(fields, "appSecret"), corpId: null }),
      answer: (token) => ({ accessToken: token, expireIn: LEASE_SECONDS }),
    },
  ],
  [
    /^v1\.0\/oauth2\/corpAccessToken$/,
    {
      methods: ["POST"],
      // The ticket that it also sends is DingTalk's business with us.
      read: (fields) => ({
        key: first(fields, "suiteKey"),
        secret: first(fields, "suiteSecret"),
        corpId: first(fields, "authCorpId"),
      }),
      answer: (token) => ({ accessToken: token, expireIn: LEASE_SECONDS }),
    },
  ],
  [
    /^v1\.0\/oauth2\/[^/]+\/token$/,
    {
      methods: ["POST"],
      read: (fields, path) => ({
        key: first(fields, "client_id"),
        secret: first(fields, "client_secret"),
        corpId: decodeURIComponent(path.split("/")[2] ?? ""),
      }),
      answer: (token) => ({ access_token: token, expires_in: LEASE_SECONDS }),
    },
  ],
];

/** The route that a request asks for a token; `null` for every other one. */
export const tokenRouteOf = ({ method }: Incoming, { path }: Target): TokenRoute | null =>
  ROUTES.find(([pattern, { methods }]) => pattern.test(path) && methods.includes(method))?.[1] ?? null;

/** Limits the memory that a caller without a known key can use. An app key and its secret are much shorter. */
const PAIR_BYTES_MAX = 16_384;

async function fieldsOf({ body, headers }: Incoming, { query }: Target): Promise<Fields> {
  const ofQuery = new URLSearchParams(query);
  if (body === null) return new Map(ofQuery);
  const { whole, onItsWay } = await holdBody(body, PAIR_BYTES_MAX);
  onItsWay?.destroy();
  if (!whole) throw new AppError("too_large", "no pair is so long");
  const text = whole.toString("utf8");
  if ((headers.get("content-type") ?? "").startsWith("application/x-www-form-urlencoded")) {
    return new Map([...ofQuery, ...new URLSearchParams(text)]);
  }
  try {
    const given: unknown = text.trim() === "" ? {} : JSON.parse(text);
    const members = Object.entries(Object(given) as object);
    const texts = members.filter((member): member is [string, string] => typeof member[1] === "string");
    return new Map([...ofQuery, ...texts]);
  } catch {
    throw new AppError("malformed", "the body is no JSON");
  }
}

/**
 * Answers in DingTalk's place with a lease token (S28): it is tied to the key and the app, and the real token stays
 * here.
 *
 * @throws {AppError} as `admitKey`; `unauthenticated` for an app that isn't there or that the key may not touch;
 *   `forbidden` when the key has no scope of the gateway
 */
export async function answerToken(
  route: TokenRoute,
  incoming: Incoming,
  target: Target,
): Promise<{ readonly admitted: Admitted; readonly answer: object }> {
  const { secret, ...client } = route.read(await fieldsOf(incoming, target), target.path);
  const admitted = await admitKey(`Bearer ${secret}`, incoming.address);
  const { key } = admitted;
  assertMayCall(key, false);
  const appId = await appOfClient(key, client);
  if (appId === null) throw new AppError("unauthenticated", "the key has no such app");
  const token = makeLeaseToken({ ...key, appId }, Date.now());
  return { admitted, answer: route.answer(token.reveal()) };
}
