import "server-only";
import type { NextAuthOptions } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { hostCookie, sessionCookie } from "./cookies";
import { rememberThisBrowser, requestAttempt, requestOrigin } from "./require-actor";
import { safePath } from "./safe-path";
import { signInInput } from "./schema";
import { decodeSessionToken, encodeSessionToken } from "./session-token";
import { deleteSession } from "./sessions";
import { signIn } from "./sign-in";
import { toSignInError } from "./sign-in-errors";

const DAY_SECONDS = 24 * 60 * 60;

async function authorize(given: Record<string, string> | undefined): Promise<{ id: string } | null> {
  const input = signInInput.safeParse(given);
  // Such credentials can't exist, so nothing is hashed or counted.
  if (!input.success) return null;
  try {
    const attempt = await requestAttempt(input.data.email);
    const sessionId = await signIn({ ...attempt, ...input.data }, await requestOrigin());
    if (sessionId === null) return null;
    await rememberThisBrowser(input.data.email);
    return { id: sessionId };
  } catch (error) {
    throw toSignInError(error);
  }
}

/** Configures next-auth with one provider. Its JWT carries only the id of a session row (S1). */
export function authOptions(): NextAuthOptions {
  const [secret = ""] = env().NEXTAUTH_SECRET;
  return {
    secret,
    session: { strategy: "jwt", maxAge: env().SESSION_MAX_DAYS * DAY_SECONDS },
    pages: {
      signIn: "/sign-in",
      signOut: "/sign-in",
      error: "/sign-in",
      verifyRequest: "/sign-in",
      newUser: "/",
    },
    cookies: {
      sessionToken: sessionCookie(),
      csrfToken: hostCookie("csrf"),
      callbackUrl: hostCookie("callback"),
    },
    providers: [Credentials({ credentials: { email: {}, password: {} }, authorize })],
    jwt: {
      encode: ({ token }) => encodeSessionToken(String(token?.sid)),
      decode: async ({ token }) => {
        const sid = await decodeSessionToken(token);
        return sid === null ? null : { sid };
      },
    },
    callbacks: {
      jwt: ({ token, user }) => (user ? { sid: user.id } : { sid: token.sid }),
      session: ({ session }) => ({ expires: session.expires }),
      redirect: ({ url, baseUrl }) =>
        baseUrl + safePath(url.startsWith(baseUrl) ? url.slice(baseUrl.length) : url),
    },
    events: {
      signOut: async ({ token }) => {
        if (typeof token?.sid === "string") await deleteSession(token.sid);
      },
    },
    logger: {
      error: (code, metadata) =>
        log.warn("next-auth", { code, error: metadata instanceof Error ? metadata : metadata.error }),
      warn: (code) => log.warn("next-auth", { code }),
      debug: () => {},
    },
  };
}
