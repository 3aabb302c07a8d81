import "server-only";
import type { Tx } from "@/lib/db/unit-of-work";
import { isUuid } from "@/lib/public-id";
import { resolveHost } from "../delivery/resolve-host";
import { urlRules } from "../delivery/url-rules";
import { checkWebhookUrl, type UrlRefusal } from "../delivery/webhook-url";

export type InputFailure =
  | { readonly code: "url"; readonly reason: UrlRefusal }
  | { readonly code: "no_such_app" };

/** Checks a URL before a unit of work begins, because its name is resolved. */
export async function findUrlFailure(url: string): Promise<InputFailure | null> {
  const checked = await checkWebhookUrl(url, urlRules(), resolveHost);
  return checked.ok ? null : { code: "url", reason: checked.error };
}

export async function findAppFailure(
  tx: Tx,
  organizationId: string,
  appIds: readonly string[] | null,
): Promise<InputFailure | null> {
  if (appIds === null) return null;
  if (!appIds.every(isUuid)) return { code: "no_such_app" };
  const found = await tx.dingtalkApp.count({ where: { organizationId, id: { in: [...appIds] } } });
  return found === appIds.length ? null : { code: "no_such_app" };
}
