import "server-only";
import { type Admitted, admitKey, admitKeyById } from "@/lib/api-keys/admit-key";
import { bearerOf, mayUseApp } from "@/lib/api-keys/api-key";
import { findKey, findKeyById } from "@/lib/api-keys/authenticate-key";
import type { AppRef } from "@/lib/app-ref";
import { AppError } from "@/lib/errors";
import { appOfCall } from "./gateway-app";
import { TOKEN_HEADER } from "./headers";
import { readLeaseToken } from "./lease-token";
import type { Target } from "./parse-target";
import { tokenIn } from "./query-token";

export type Incoming = {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly address: string;
  readonly signal: AbortSignal;
};

/** Reports whether the caller presents an API key. Other callers are DingTalk clients and get errors in DingTalk's form. */
export const hasApiKey = (headers: Headers): boolean =>
  /^Bearer +dk_/i.test(headers.get("authorization") ?? "");

export type AdmittedCall = {
  readonly admitted: Admitted;
  readonly app: AppRef;
  /** Checks again that the key is valid, without counting a request. @throws {AppError} as `findKey` */
  readonly confirm: () => Promise<unknown>;
};

/** Identifies the caller's key and app. @throws {AppError} as `admitKey`, `admitKeyById` and `appOfCall` */
export async function admitCall(
  { headers, address }: Incoming,
  { query }: Target,
  nowMs: number,
): Promise<AdmittedCall> {
  if (hasApiKey(headers)) {
    const authorization = headers.get("authorization");
    const admitted = await admitKey(authorization, address);
    const confirm = () => findKey(bearerOf(authorization), address);
    const appId = await appOfCall(admitted.key, headers.get("dingkeep-app"));
    return { admitted, app: { organizationId: admitted.key.organizationId, appId }, confirm };
  }
  const holder = readLeaseToken(tokenIn(query) ?? headers.get(TOKEN_HEADER) ?? "", nowMs);
  if (!holder) throw new AppError("unauthenticated", "unknown or expired lease token");
  const admitted = await admitKeyById(holder, address);
  const { organizationId, appId } = holder;
  if (!mayUseApp(admitted.key, appId)) throw new AppError("unauthenticated", "no access to the app");
  return { admitted, app: { organizationId, appId }, confirm: () => findKeyById(holder, address) };
}
