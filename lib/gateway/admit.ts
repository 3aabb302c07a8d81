import "server-only";
import { type Admitted, admitHolder, admitKey } from "@/lib/api-keys/admit-key";
import { type ApiKey, bearerOf, mayTouch } from "@/lib/api-keys/api-key";
import { findKey, findKeyById } from "@/lib/api-keys/find-key";
import type { AppRef } from "@/lib/app-ref";
import { grantToKey } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { appOfCall } from "./gateway-app";
import { TOKEN_HEADER } from "./headers";
import { readLeaseToken } from "./lease-token";
import { tokenIn } from "./query";
import { isReading } from "./reading-paths";
import type { Target } from "./target";

/** A request as it came. */
export type Incoming = {
  readonly method: string;
  /** Path and query, raw. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  /** Where it came from. */
  readonly address: string;
  /** Ends when whoever called is gone. */
  readonly signal: AbortSignal;
};

/** Whoever comes with a key itself. All others are clients of DingTalk's, and are answered as DingTalk would. */
export const hasKey = (headers: Headers): boolean => /^Bearer +dk_/i.test(headers.get("authorization") ?? "");

export type AdmittedCall = {
  readonly admitted: Admitted;
  readonly app: AppRef;
  /**
   * For a call that waited: whether its key still is one. It counts as no further request.
   *
   * @throws {AppError} as `findKey`
   */
  readonly confirm: () => Promise<unknown>;
};

/**
 * Who calls, and for which app.
 *
 * @throws {AppError} as `admitKey`, `admitHolder` and `appOfCall`
 */
export async function admitCall(
  { headers, address }: Incoming,
  { query }: Target,
  nowMs: number,
): Promise<AdmittedCall> {
  if (hasKey(headers)) {
    const authorization = headers.get("authorization");
    const admitted = await admitKey(authorization, address);
    const confirm = () => findKey(bearerOf(authorization), address);
    const appId = await appOfCall(admitted.key, headers.get("dingkeep-app"));
    return { admitted, app: { organizationId: admitted.key.organizationId, appId }, confirm };
  }
  const holder = readLeaseToken(tokenIn(query) ?? headers.get(TOKEN_HEADER) ?? "", nowMs);
  if (!holder) throw new AppError("unauthenticated", "no lease of ours, or one that is over");
  const admitted = await admitHolder(holder, address);
  const { organizationId, appId } = holder;
  if (!mayTouch(admitted.key, appId)) throw new AppError("unauthenticated", "the key lost the app");
  return { admitted, app: { organizationId, appId }, confirm: () => findKeyById(holder, address) };
}

/** @throws {AppError} `forbidden` when the key may neither read nor write by the gateway, naming what it lacks */
export function assertMayCall(key: ApiKey, needsWrite: boolean): void {
  grantToKey(key, needsWrite || key.scopes.has("gateway:write") ? "gateway:write" : "gateway:read");
}

/** @throws {AppError} `forbidden` when the key's scopes or its paths don't reach so far */
export function assertMayPass(key: ApiKey, method: string, target: Target): void {
  assertMayCall(key, !isReading(method, target));
  const { pathPrefixes } = key;
  const { path } = target;
  if (pathPrefixes.length === 0 || pathPrefixes.some((prefix) => path.startsWith(prefix))) return;
  throw new AppError("forbidden", "the path isn't among the key's", { detail: "path" });
}
