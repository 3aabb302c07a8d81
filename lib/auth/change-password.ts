import "server-only";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { asPerson } from "@/lib/db/unit-of-work";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import { hashPassword } from "./password";
import type { SignedIn } from "./sessions";
import { type Credentials, checkCredentials } from "./sign-in";

const LINK_LIFE_MS = 60 * 60 * 1_000;
const LINK_BYTES = 32;

type Caller = Omit<Credentials, "email" | "password">;

/** The e-mail of a signed-in person. */
export const getOwnEmail = ({ userId }: Pick<SignedIn, "userId">): Promise<string> =>
  asPerson(
    { userId },
    async (tx) => (await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { email: true } })).email,
  );

/** Whether the password is the signed-in person's own; wrong ones count as wrong sign-ins do. */
async function isOwnPassword(who: SignedIn, password: string, caller: Caller): Promise<boolean> {
  const email = await getOwnEmail(who);
  return (await checkCredentials({ ...caller, email, password })) === who.userId;
}

/**
 * Notes that the person has just given their password, which what is dangerous asks for (S10).
 *
 * @throws {AppError} `rate_limited` as at sign-in
 */
export async function confirmPassword(who: SignedIn, password: string, caller: Caller): Promise<boolean> {
  if (!(await isOwnPassword(who, password, caller))) return false;
  const { sessionId, userId } = who;
  await asPerson({ userId }, (tx) =>
    tx.session.updateMany({ where: { id: sessionId, userId }, data: { passwordConfirmedAt: new Date() } }),
  );
  return true;
}

/**
 * Replaces the password and signs out every other browser.
 *
 * @throws {AppError} `rate_limited` as at sign-in
 */
export async function changePassword(
  who: SignedIn,
  input: { readonly present: string; readonly password: string },
  caller: Caller,
): Promise<Result<null, "wrong">> {
  if (!(await isOwnPassword(who, input.present, caller))) return err("wrong");
  const passwordHash = await hashPassword(input.password);
  const { sessionId, userId } = who;
  await asPerson({ userId }, async (tx) => {
    await tx.user.update({
      where: { id: userId },
      data: { passwordHash, passwordChangedAt: new Date(), linkHash: null, linkExpiresAt: null },
    });
    await tx.session.deleteMany({ where: { userId, id: { not: sessionId } } });
  });
  return ok(null);
}

const hashOf = (secret: string) => createHash("sha256").update(secret).digest();

/** A one-time link's query value, for `/set-password`: the user's id and a secret, of which the hash is kept. */
export async function makePasswordLink(userId: string): Promise<string> {
  const secret = randomBytes(LINK_BYTES).toString("base64url");
  await asPerson({ userId }, (tx) =>
    tx.user.update({
      where: { id: userId },
      data: { linkHash: hashOf(secret), linkExpiresAt: new Date(Date.now() + LINK_LIFE_MS) },
    }),
  );
  return `${userId}.${secret}`;
}

/** Sets the password of whom the link was made for, once, and signs out all their browsers. */
export async function setPasswordByLink(link: string, password: string): Promise<Result<null, "spent">> {
  const [userId = "", secret = ""] = link.split(".");
  if (!isUuid(userId)) return err("spent");
  const given = hashOf(secret);
  const isRight = (stored: Uint8Array | null) => stored !== null && timingSafeEqual(stored, given);
  const before = await asPerson({ userId }, (tx) =>
    tx.user.findFirst({
      where: { id: userId, linkExpiresAt: { gt: new Date() }, disabledAt: null },
      select: { linkHash: true },
    }),
  );
  if (!before || !isRight(before.linkHash)) return err("spent");
  const passwordHash = await hashPassword(password);
  return asPerson({ userId }, async (tx) => {
    const { count } = await tx.user.updateMany({
      // The hash stands in the `where`, so that of two who use the link at once one comes too late.
      where: { id: userId, linkHash: given, linkExpiresAt: { gt: new Date() } },
      data: { passwordHash, passwordChangedAt: new Date(), linkHash: null, linkExpiresAt: null },
    });
    if (count === 0) return err("spent");
    await tx.session.deleteMany({ where: { userId } });
    return ok(null);
  });
}
