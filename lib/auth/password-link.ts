import "server-only";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { asUser } from "@/lib/db/unit-of-work";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import { hashPassword, knownSharer } from "./password-hash";

const LINK_LIFE_MS = 60 * 60 * 1_000;
const LINK_BYTES = 32;

const hashOf = (secret: string) => createHash("sha256").update(secret).digest();

/** Creates a one-time link and returns its query value for `/set-password`. Only the secret's hash is stored. */
export async function makePasswordLink(userId: string): Promise<string> {
  const secret = randomBytes(LINK_BYTES).toString("base64url");
  await asUser({ userId }, (tx) =>
    tx.user.update({
      where: { id: userId },
      data: { linkHash: hashOf(secret), linkExpiresAt: new Date(Date.now() + LINK_LIFE_MS) },
    }),
  );
  return `${userId}.${secret}`;
}

export async function setPasswordByLink(link: string, password: string): Promise<Result<null, "spent">> {
  const [userId = "", secret = ""] = link.split(".");
  if (!isUuid(userId)) return err("spent");
  const given = hashOf(secret);
  const isMatch = (stored: Uint8Array | null) => stored !== null && timingSafeEqual(stored, given);
  const before = await asUser({ userId }, (tx) =>
    tx.user.findFirst({
      where: { id: userId, linkExpiresAt: { gt: new Date() }, disabledAt: null },
      select: { linkHash: true },
    }),
  );
  if (!before || !isMatch(before.linkHash)) return err("spent");
  const passwordHash = await hashPassword(password, knownSharer(userId));
  return asUser({ userId }, async (tx) => {
    const { count } = await tx.user.updateMany({
      // Matching the hash again makes only one of two concurrent uses succeed.
      where: { id: userId, linkHash: given, linkExpiresAt: { gt: new Date() } },
      data: { passwordHash, passwordChangedAt: new Date(), linkHash: null, linkExpiresAt: null },
    });
    if (count === 0) return err("spent");
    await tx.session.deleteMany({ where: { userId } });
    return ok(null);
  });
}
