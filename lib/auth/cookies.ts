import "server-only";
import { env } from "@/lib/env";

const isHttps = () => new URL(env().NEXTAUTH_URL).protocol === "https:";

/**
 * Returns a cookie's name and attributes (S2). Browsers reject the prefix `__Host-` over http, so it is omitted there.
 */
export function hostCookie(name: string) {
  const secure = isHttps();
  return {
    name: secure ? `__Host-dingkeep.${name}` : `dingkeep.${name}`,
    options: { httpOnly: true, sameSite: "lax" as const, path: "/", secure },
  };
}

export const sessionCookie = () => hostCookie("session");

/** Lists the accounts that this browser has signed in to, as HMACs. It grants no access (S7). */
export const knownBrowserCookie = () => hostCookie("known");
