import { ensureKey } from "@/lib/api-keys/create-key";
import { makeKey, readKey } from "@/lib/api-keys/key-format";
import { createKeyInput } from "@/lib/api-keys/schema";
import { SCOPES } from "@/lib/auth/scopes";
import { ConfigurationError } from "@/lib/env";
import { Redacted } from "@/lib/redacted";
import { readOrCreate } from "@/server/local-settings";

/** Returns an API key of the demo's organization with every scope. The first start creates it. */
export async function demoKey(organizationId: string): Promise<string> {
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
