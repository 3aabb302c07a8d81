import type { AppIdentity } from "@/lib/dingtalk/credentials";
import type { Prisma } from "@/prisma/generated/client";

/**
 * The connections that are the same app of DingTalk's, for the `where` of an organization: one AppKey, whichever
 * of its two kinds it was connected as; a SuiteKey with one customer. A pair that opens several organizations may
 * be connected once for each.
 */
export function ofTheSameApp({ kind, key, corpId }: AppIdentity): Prisma.DingtalkAppWhereInput {
  if (kind === "isv") return { kind, appKey: key, corpId };
  if (kind === "internal") return { kind: { in: ["internal", "unified"] }, appKey: key };
  return { appKey: key, OR: [{ kind: "internal" }, { kind, corpId }] };
}
