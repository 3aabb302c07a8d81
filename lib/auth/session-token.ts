import "server-only";
import { decode, encode } from "next-auth/jwt";
import { z } from "zod";
import { env } from "@/lib/env";

/** The cookie only names a row; the row decides (S1). */
const tokenClaims = z.object({ sid: z.uuid() });

const DAY_SECONDS = 24 * 60 * 60;

/** Signs with the first secret. All secrets verify, so that replacing one signs nobody out (S2). */
export function encodeSessionToken(sessionId: string): Promise<string> {
  const [secret = ""] = env().NEXTAUTH_SECRET;
  return encode({ token: { sid: sessionId }, secret, maxAge: env().SESSION_MAX_DAYS * DAY_SECONDS });
}

export async function decodeSessionToken(token: string | undefined): Promise<string | null> {
  if (!token) return null;
  for (const secret of env().NEXTAUTH_SECRET) {
    const claims = tokenClaims.safeParse(await decode({ token, secret }).catch(() => null));
    if (claims.success) return claims.data.sid;
  }
  return null;
}
