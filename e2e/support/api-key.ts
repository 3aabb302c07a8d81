import type { Page } from "@playwright/test";
import type { Scope } from "@/lib/auth/scopes";
import { callAction } from "./call-action";
import { builtAction } from "./routes";

/** Makes an API key with the form's request; opens no page. */
export async function makeApiKey(
  page: Page,
  organizationPath: string,
  name: string,
  scopes: readonly Scope[],
): Promise<string> {
  const [, , organization = ""] = organizationPath.split("/");
  const action = { id: builtAction("createKeyAction").id, path: `${organizationPath}/api-keys/new` };
  const { state } = await callAction(page, action, { organization, form: { name, scopes: scopes.join() } });
  const { data } = state as { readonly data?: { readonly key: string } };
  if (!data) throw new Error(`no key was made: ${JSON.stringify(state)}`);
  return data.key;
}
