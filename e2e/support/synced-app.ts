import type { Page } from "@playwright/test";
import type { ClientBase } from "pg";
import { encodeArguments, postAction } from "./call-action";
import { withDatabase } from "./database";
import { expect } from "./fixtures";
import { idsOf } from "./plant-run";
import { plantWebhook } from "./plant-webhook";
import { builtAction, type Ids } from "./routes";
import { connectApp } from "./simulated-app";

/** Timeout for a sync on a busy machine. */
export const SYNC_TIMEOUT = { timeout: 30_000 };

type Outcome = "succeeded" | "held";

/** Returns the newest run of an app. */
export async function newestRun(
  client: ClientBase,
  app: string,
): Promise<{ id: string; state: string } | undefined> {
  const { rows } = await client.query<{ id: string; state: string }>(
    "SELECT id, state FROM sync_run WHERE organization_id = $1 AND app_id = $2 ORDER BY number DESC LIMIT 1",
    idsOf(app),
  );
  return rows[0];
}

/** Waits for the end of an app's newest run. @returns the path of its page */
function awaitRun(app: string, outcome: Outcome): Promise<string> {
  return withDatabase(async (client) => {
    const isFinished = async () =>
      !["queued", "running"].includes((await newestRun(client, app))?.state ?? "queued");
    await expect.poll(isFinished, { ...SYNC_TIMEOUT, intervals: [50] }).toBe(true);
    const run = await newestRun(client, app);
    expect(run?.state).toBe(outcome);
    return `${app}/syncs/${run?.id}`;
  });
}

/** Connects an app and waits for its first sync; opens no page. @returns the app's path */
export async function connectAndSync(...args: Parameters<typeof connectApp>): Promise<string> {
  const app = await connectApp(...args);
  await awaitRun(app, "succeeded");
  return app;
}

/** Plants an event of an app. @returns its id */
async function plantEvent(app: string): Promise<string> {
  const event = crypto.randomUUID();
  await withDatabase((client) =>
    client.query(
      `INSERT INTO dingtalk_event (organization_id, id, subscription_id, app_id, type, source, received_at, state)
       VALUES ($1, $3, $2, $2, 'org_dept_modify', 'http', now(), 'handled')`,
      [...idsOf(app), event],
    ),
  );
  return event;
}

/**
 * Connects an app and waits for its first sync; opens no page. The app has an event, and the organization a webhook.
 *
 * @returns the ids in the paths of the organization and the app
 */
export async function syncApp(...args: Parameters<typeof connectApp>): Promise<Ids> {
  const path = await connectApp(...args);
  const [page, organizationPath] = args;
  const [, , organization = "", , app = "", , run = ""] = (await awaitRun(path, "succeeded")).split("/");
  const planted = await plantWebhook(page, organizationPath, 1);
  return { organization, app, run, event: await plantEvent(path), ...planted };
}

/** Starts a sync and waits for its end; opens no page. @returns the path of its page */
export async function syncTo(page: Page, app: string, outcome: Outcome): Promise<string> {
  const [, , organization = "", , id = ""] = app.split("/");
  const action = { id: builtAction("startSyncAction").id, path: `${app}/syncs` };
  const response = await postAction(page, action, {
    multipart: encodeArguments({ organization, form: { app: id } }),
  });
  expect(response.headers()["x-action-redirect"]).toContain("/syncs/");
  return awaitRun(app, outcome);
}
