import "server-only";
import { createHmac, timingSafeEqual } from "node:crypto";
import { env } from "@/lib/env";

const ACCOUNTS_MAX = 5;

/** Life of the cookie, renewed by each sign-in. */
export const KNOWN_BROWSER_SECONDS = 180 * 24 * 60 * 60;

const markOf = (secret: string, email: string) =>
  createHmac("sha256", secret).update(`known-browser:${email}`).digest("base64url");

export function isKnownBrowser(cookie: string | undefined, email: string): boolean {
  const marks = (cookie ?? "").split(".");
  return env().NEXTAUTH_SECRET.some((secret) => {
    const expected = Buffer.from(markOf(secret, email));
    return marks.some((mark) => {
      const given = Buffer.from(mark);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  });
}

/** Returns the cookie with the account first, and the oldest of more than five removed. */
export function rememberBrowser(cookie: string | undefined, email: string): string {
  const mark = markOf(env().NEXTAUTH_SECRET[0] ?? "", email);
  const others = (cookie ?? "").split(".").filter((other) => other !== "" && other !== mark);
  return [mark, ...others].slice(0, ACCOUNTS_MAX).join(".");
}
