import { isIP } from "node:net";
import { err, ok, type Result } from "@/lib/result";
import { type AddressRules, isAllowedAddress } from "./check-address";
import { hostOf, type ResolveHost } from "./resolve-host";

/**
 * Reason to refuse a webhook's address.
 *
 * - *malformed*: no absolute http or https URL, too long, or with a user name, password or fragment
 * - *scheme*: http, which needs `WEBHOOK_ALLOW_PRIVATE`
 * - *private*: an address of a private network, of this server or of a reserved range
 * - *unresolvable*: a name without an address
 */
export type UrlRefusal = "malformed" | "scheme" | "private" | "unresolvable";

export type UrlRules = AddressRules & {
  /** Host names under which this server is reached. */
  readonly ownHosts: readonly string[];
};

const URL_CHARACTERS_MAX = 2_000;

const withoutDot = (host: string): string => host.toLowerCase().replace(/\.$/, "");

/** Checks everything about a webhook's URL that needs no DNS. IP addresses in any notation are checked here. */
export function parseWebhookUrl(text: string, rules: UrlRules): Result<URL, UrlRefusal> {
  const url = text.length <= URL_CHARACTERS_MAX ? URL.parse(text) : null;
  if (!url || !["http:", "https:"].includes(url.protocol)) return err("malformed");
  if (url.username !== "" || url.password !== "" || url.hash !== "" || url.port === "0") {
    return err("malformed");
  }
  if (url.protocol === "http:" && !rules.allowsPrivate) return err("scheme");
  const host = hostOf(url);
  if (isIP(host) !== 0) return isAllowedAddress(host, rules) ? ok(url) : err("private");
  const isOwn = rules.ownHosts.some((own) => withoutDot(own) === withoutDot(host));
  return isOwn && !rules.allowsPrivate ? err("private") : ok(url);
}

/** Checks a webhook's URL when a person enters it. Every connection checks the address again. */
export async function checkWebhookUrl(
  text: string,
  rules: UrlRules,
  resolve: ResolveHost,
): Promise<Result<URL, UrlRefusal>> {
  const parsed = parseWebhookUrl(text, rules);
  if (!parsed.ok || isIP(hostOf(parsed.value)) !== 0) return parsed;
  const addresses = await resolve(hostOf(parsed.value)).catch(() => []);
  if (addresses.length === 0) return err("unresolvable");
  return addresses.every((address) => isAllowedAddress(address, rules)) ? parsed : err("private");
}
