import { Resolver } from "node:dns/promises";

/** Returns the IP addresses of a host name; none for an unknown one. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

const TRY_MS = 2_000;
const TRIES = 2;

/** A name without records is no failure. */
const NO_RECORDS = new Set(["ENODATA", "ENOTFOUND"]);

const none = (error: unknown): string[] => {
  if (error instanceof Error && "code" in error && NO_RECORDS.has(String(error.code))) return [];
  throw error;
};

const isLocalhost = (host: string): boolean => /(?:^|\.)localhost\.?$/i.test(host);

/**
 * Resolves over DNS alone. `dns.lookup` occupies one of four threads that the whole process shares, so a tenant's slow
 * name server would delay everybody.
 */
export const resolveHost: ResolveHost = async (host) => {
  if (isLocalhost(host)) return ["127.0.0.1", "::1"];
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  const [ipv4, ipv6] = await Promise.all([
    resolver.resolve4(host).catch(none),
    resolver.resolve6(host).catch(none),
  ]);
  return [...ipv4, ...ipv6];
};

/** Returns the host of a URL; an IPv6 address without brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, "$1");
