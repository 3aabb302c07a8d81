import type { KeyCaller } from "@/lib/auth/actor";
import { isWithin, type Network } from "@/lib/request/client-address";

/** A key that is there, with what it may do. */
export type ApiKey = KeyCaller & {
  readonly name: string;
  /** `null`: every app of the organization, later ones too. */
  readonly appIds: ReadonlySet<string> | null;
  /** Beginnings of the gateway's paths; none: any. */
  readonly pathPrefixes: readonly string[];
  /** None: any address. */
  readonly networks: readonly Network[];
  readonly requestsPerMinute: number;
  /** Charged calls to DingTalk in a month; `null`: no share of its own. */
  readonly monthlyShare: number | null;
  readonly expiresAt: Date | null;
};

/** Whether a key may be used from an address. */
export const isAllowedFrom = ({ networks }: Pick<ApiKey, "networks">, address: string): boolean =>
  networks.length === 0 || isWithin(address, networks);

/** Whether a key may touch an app. */
export const mayTouch = ({ appIds }: Pick<ApiKey, "appIds">, appId: string): boolean =>
  appIds === null || appIds.has(appId);

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Returns the key that a request brings. Without one it is empty, which is a wrong key like any other: requests without
 * a key count against their address too.
 *
 * @param authorization the header, as it came
 */
export const bearerOf = (authorization: string | null): string => BEARER.exec(authorization ?? "")?.[1] ?? "";
