import "server-only";
import { env } from "@/lib/env";

const isHttps = () => new URL(env().NEXTAUTH_URL).protocol === "https:";

/**
 * A cookie's name and how it is set (S2). `__Host-` makes browsers refuse it from a sibling domain and over
 * http; on plain http, which only loopback is allowed without being asked for, browsers would refuse the prefix.
 */
export function hostCookie(name: string) {
  const secure = isHttps();
  return {
    name: secure ? `__Host-dingkeep.${name}` : `dingkeep.${name}`,
    options: { httpOnly: true, sameSite: "lax" as const, path: "/", secure },
  };
}

export const sessionCookie = () => hostCookie("session");

/** Says which accounts this browser has signed in to, signed; it opens nothing (S7). */
export const knownBrowserCookie = () => hostCookie("known");
