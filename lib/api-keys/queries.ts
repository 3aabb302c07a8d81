import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { maskedKey } from "./key-format";

/** Expired and revoked keys stay listed, because the call log names them. */
export type KeyState = "active" | "expired" | "revoked";

export type ListedKey = {
  readonly id: string;
  readonly name: string;
  readonly masked: string;
  readonly scopes: readonly string[];
  /** `null` for all apps. */
  readonly appIds: readonly string[] | null;
  readonly pathPrefixes: readonly string[];
  readonly networks: readonly string[];
  readonly requestsPerMinute: number;
  readonly monthlyShare: number | null;
  readonly state: KeyState;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly createdBy: string | null;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedAddress: string | null;
};

const stateOf = (key: { revokedAt: Date | null; expiresAt: Date | null }, nowMs: number): KeyState => {
  if (key.revokedAt) return "revoked";
  return key.expiresAt && key.expiresAt.getTime() <= nowMs ? "expired" : "active";
};

export async function listKeys({ organizationId }: Actor<"key.read">): Promise<ListedKey[]> {
  const rows = await inOrganization({ organizationId }, (tx) =>
    tx.apiKey.findMany({
      where: { organizationId },
      orderBy: { createdAt: "desc" },
      omit: { organizationId: true, keyHash: true },
    }),
  );
  const nowMs = Date.now();
  const listed = rows.map(({ keyTail, isForAllApps, appIds, ...row }) => ({
    ...row,
    masked: maskedKey(organizationId, keyTail),
    appIds: isForAllApps ? null : appIds,
    state: stateOf(row, nowMs),
  }));
  const isOver = ({ state }: ListedKey) => (state === "active" ? 0 : 1);
  return listed.sort((a, b) => isOver(a) - isOver(b));
}
