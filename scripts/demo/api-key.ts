import { ensureKey } from "@/lib/api-keys/create-key";
import { makeKey, readKey } from "@/lib/api-keys/key-format";
import { createKeyInput } from "@/lib/api-keys/schema";
import { SCOPES } from "@/lib/auth/scopes";
import { asUser } from "@/lib/db/unit-of-work";
import { ConfigurationError } from "@/lib/env";
import { Redacted } from "@/lib/redacted";
import { readOrCreate } from "@/server/local-settings";

async function organizationOf(email: string): Promise<string> {
  const user = await asUser({ userEmail: email }, (tx) =>
    tx.user.findUniqueOrThrow({ where: { email }, select: { id: true } }),
  );
  const membership = await asUser({ userId: user.id }, (tx) =>
    tx.membership.findFirst({ where: { userId: user.id }, orderBy: { createdAt: "asc" } }),
  );
  if (!membership)
    throw new ConfigurationError(
      "The demo account no longer has an organization. Delete .data and start again.",
    );
  return membership.organizationId;
}

/** Returns an API key of the demo's organization with every scope. The first start creates it. */
export async function demoKey(email: string): Promise<string> {
  const organizationId = await organizationOf(email);
  const make = () => ({ key: makeKey(organizationId).key.reveal() });
  const { key } = readOrCreate(`demo-key-${organizationId}.json`, make);
  const isOurs = readKey(key)?.organizationId === organizationId;
  if (!isOurs)
    throw new ConfigurationError(
      "The demo's API key belongs to another organization. Delete .data and start again.",
    );
  const input = createKeyInput.parse({ name: "Demo", scopes: SCOPES.join(","), expiryDays: "0" });
  await ensureKey({ organizationId, text: new Redacted(key) }, input);
  return key;
}

/**
 * Returns example calls for the key.
 *
 * @param app the AppKey of the app to connect
 */
export const linesToTry = (address: string, app: string): readonly string[] => [
  `curl -H "Authorization: Bearer $DINGKEEP_KEY" ${address}/api/v1/apps`,
  `curl -H "Authorization: Bearer $DINGKEEP_KEY" ${address}/api/v1/apps/${app}/token`,
  `curl -H "Authorization: Bearer $DINGKEEP_KEY" ${address}/api/v1/apps/${app}/departments`,
  `curl -H "Authorization: Bearer $DINGKEEP_KEY" -H "content-type: application/json" ${address}/dingtalk/topapi/v2/department/listsub -d '{"dept_id":1}'`,
];
