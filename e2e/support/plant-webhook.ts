import type { Page } from "@playwright/test";
import { parsePublicId } from "@/lib/public-id";
import { callAction } from "./call-action";
import { withDatabase } from "./database";
import { builtAction } from "./routes";

const ATTEMPTS = `
  INSERT INTO webhook_attempt (organization_id, id, endpoint_id, sequence, number, type, at, attempt, status, failure, duration_ms)
  SELECT $1, CASE n WHEN 1 THEN $3 ELSE uuidv7() END, $2, 1, 1, 'department.renamed', now(), n,
    CASE WHEN n % 3 = 0 THEN 500 WHEN n % 3 = 1 THEN 200 END, CASE WHEN n % 3 = 2 THEN 'timeout' END, n
  FROM generate_series(1, $4::int) n`;

/** Creates a webhook with the form's request, and plants attempts that no delivery made. Opens no page. */
export async function plantWebhook(
  page: Page,
  organizationPath: string,
  attempts: number,
): Promise<{ readonly webhook: string; readonly attempt: string }> {
  const [, , organization = ""] = organizationPath.split("/");
  const action = { id: builtAction("createWebhookAction").id, path: `${organizationPath}/webhooks/new` };
  const form = { url: "http://127.0.0.1:1/", types: "app.broken", apps: "all" };
  const { state } = await callAction(page, action, { organization, form });
  const { data } = state as { readonly data?: { readonly webhook: string } };
  if (!data) throw new Error(`no webhook was made: ${JSON.stringify(state)}`);
  const attempt = crypto.randomUUID();
  await withDatabase((client) =>
    client.query(ATTEMPTS, [parsePublicId(organization), data.webhook, attempt, attempts]),
  );
  return { webhook: data.webhook, attempt };
}
