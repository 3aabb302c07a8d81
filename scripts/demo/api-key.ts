import { ensureKey } from "@/lib/api-keys/commands";
import { makeKey, readKey } from "@/lib/api-keys/key-format";
import { createKeyInput } from "@/lib/api-keys/schema";
import { SCOPES } from "@/lib/auth/scopes";
import { asPerson } from "@/lib/db/unit-of-work";
import { ConfigurationError } from "@/lib/env";
import { Redacted } from "@/lib/redacted";
import { keptValue } from "@/server/local-settings";

async function organizationOf(email: string): Promise<string> {
  const user = await asPerson({ userEmail: email }, (tx) =>
    tx.user.findUniqueOrThrow({ where: { email }, select: { id: true } }),
  );
  const membership = await asPerson({ userId: user.id }, (tx) =>
    tx.membership.findFirst({ where: { userId: user.id }, orderBy: { createdAt: "asc" } }),
  );
  if (!membership)
    throw new ConfigurationError(
      "The demo's account has no organization any more; delete .data and start again.",
    );
  return membership.organizationId;
}

/** A key of the demo's organization with every scope: made at the first start, the same at each later one. */
export async function demoKey(email: string): Promise<string> {
  const organizationId = await organizationOf(email);
  const make = () => ({ key: makeKey(organizationId).key.reveal() });
  const { key } = keptValue(`demo-key-${organizationId}.json`, make);
  const isOurs = readKey(key)?.organizationId === organizationId;
  if (!isOurs)
    throw new ConfigurationError("The demo's key is not its organization's; delete .data and start again.");
  const input = createKeyInput.parse({ name: "Demo", scopes: SCOPES.join(","), expiryDays: "0" });
  await ensureKey({ organizationId, text: new Redacted(key) }, input);
  return key;
}

/**
 * Returns calls to try with the key.
 *
 * @param app the AppKey of the app that will be connected
 */
export const linesToTry = (address: string, app: string): readonly string[] => [
  `curl -H "Authorization: Bearer $DINGKEEP_KEY" ${address}/api/v1/apps`,
  `curl -H "Authorization: Bearer $DINGKEEP_KEY" ${address}/api/v1/apps/${app}/token`,
  `curl -H "Authorization: Bearer $DINGKEEP_KEY" ${address}/api/v1/apps/${app}/departments`,
  `curl -H "Authorization: Bearer $DINGKEEP_KEY" -H "content-type: application/json" ${address}/dingtalk/topapi/v2/department/listsub -d '{"dept_id":1}'`,
];
