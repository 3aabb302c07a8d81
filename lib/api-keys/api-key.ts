import type { KeyCaller } from "@/lib/auth/actor";
import { isWithin, type Network } from "@/lib/request/client-address";

export type ApiKey = KeyCaller & {
  readonly name: string;
  /** `null` for all apps of the organization, including later ones. */
  readonly appIds: ReadonlySet<string> | null;
  /** Allowed prefixes of gateway paths; empty for any path. */
  readonly pathPrefixes: readonly string[];
  readonly networks: readonly Network[];
  readonly requestsPerMinute: number;
  /** Billable calls per month; `null` for no limit of the key. */
  readonly monthlyShare: number | null;
  readonly expiresAt: Date | null;
};

export const isAllowedFrom = ({ networks }: Pick<ApiKey, "networks">, address: string): boolean =>
  networks.length === 0 || isWithin(address, networks);

export const mayUseApp = ({ appIds }: Pick<ApiKey, "appIds">, appId: string): boolean =>
  appIds === null || appIds.has(appId);

const BEARER = /^Bearer +(\S+)$/i;

/** Returns the bearer token. A missing one is empty, so that it is counted as a wrong key of its address. */
export const bearerOf = (authorization: string | null): string => BEARER.exec(authorization ?? "")?.[1] ?? "";
