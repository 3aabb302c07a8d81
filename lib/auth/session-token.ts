import "server-only";
import { decode, encode } from "next-auth/jwt";
import { z } from "zod";
import { env } from "@/lib/env";

/** The cookie names a row and decides nothing (S1). */
const tokenClaims = z.object({ sid: z.uuid() });

const DAY_SECONDS = 24 * 60 * 60;

/** The first secret makes, all of them open, so that one can be replaced without signing everybody out (S2). */
export function encodeSessionToken(sessionId: string): Promise<string> {
  const [secret = ""] = env().NEXTAUTH_SECRET;
  return encode({ token: { sid: sessionId }, secret, maxAge: env().SESSION_MAX_DAYS * DAY_SECONDS });
}

/** The session id in a cookie that we made and that has not run out. */
export async function decodeSessionToken(token: string | undefined): Promise<string | null> {
  if (!token) return null;
  for (const secret of env().NEXTAUTH_SECRET) {
    // next-auth throws for every token that isn't its own or has run out; none of them is worth more than a no.
    const claims = tokenClaims.safeParse(await decode({ token, secret }).catch(() => null));
    if (claims.success) return claims.data.sid;
  }
  return null;
}
