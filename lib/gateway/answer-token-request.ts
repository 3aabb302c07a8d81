import "server-only";
import { type Admitted, admitKey } from "@/lib/api-keys/admit-key";
import { AppError } from "@/lib/errors";
import type { Incoming } from "./admit";
import { bufferBody } from "./buffer-body";
import { appOfClient, type ClientName } from "./gateway-app";
import { LEASE_SECONDS, makeLeaseToken } from "./lease-token";
import type { Target } from "./parse-target";
import { assertMayCall } from "./path-rules";

/** A client's credentials: the names of its app, and a Dingkeep API key in place of the AppSecret. */
type ClientCredentials = ClientName & { readonly secret: string };
type Fields = ReadonlyMap<string, string>;

type TokenRoute = {
  readonly methods: readonly string[];
  readonly read: (fields: Fields, path: string) => ClientCredentials;
  readonly answer: (token: string) => object;
};

const first = (fields: Fields, ...names: string[]): string =>
  names.map((name) => fields.get(name)).find((value) => value !== undefined) ?? "";

/**
 * `service/get_corp_token` can't be served: clients sign it with the secret, and only a hash of a key is stored.
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
      // The suite ticket in the request is ignored: Dingkeep uses the stored one.
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

export const tokenRouteOf = ({ method }: Incoming, { path }: Target): TokenRoute | null =>
  ROUTES.find(([pattern, { methods }]) => pattern.test(path) && methods.includes(method))?.[1] ?? null;

/** Limits the memory that an unauthenticated caller can use. Real credentials are much shorter. */
const CREDENTIALS_BYTES_MAX = 16_384;

async function fieldsOf({ body, headers }: Incoming, { query }: Target): Promise<Fields> {
  const ofQuery = new URLSearchParams(query);
  if (body === null) return new Map(ofQuery);
  const { whole, stream } = await bufferBody(body, CREDENTIALS_BYTES_MAX);
  stream?.destroy();
  if (!whole) throw new AppError("too_large", "the credentials are too long");
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
    throw new AppError("malformed", "the body is not JSON");
  }
}

/**
 * Answers a token request with a lease token (S28), tied to the key and the app.
 * @throws {AppError} as `admitKey`; `unauthenticated` for an app that the key may not use; `forbidden` without a
 *   gateway scope
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
  if (appId === null) throw new AppError("unauthenticated", "no app of the key matches");
  const token = makeLeaseToken({ ...key, appId }, Date.now());
  return { admitted, answer: route.answer(token.reveal()) };
}
