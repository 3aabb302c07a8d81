import type { AppIdentity } from "@/lib/dingtalk/credentials";
import type { Prisma } from "@/prisma/generated/client";

/** Returns the condition for connections of the same DingTalk app. A unified app may be connected once per CorpId. */
export function sameAppCondition({ kind, key, corpId }: AppIdentity): Prisma.DingtalkAppWhereInput {
  if (kind === "isv") return { kind, appKey: key, corpId };
  if (kind === "internal") return { kind: { in: ["internal", "unified"] }, appKey: key };
  return { appKey: key, OR: [{ kind: "internal" }, { kind, corpId }] };
}
