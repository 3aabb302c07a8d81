import type { Page } from "@playwright/test";
import { plantApp } from "@/lib/directory/tree/test-support/plant";
import { parsePublicId } from "@/lib/public-id";
import { withDatabase } from "./database";
import { makePerson } from "./fixtures";
import { companyOf, plantDirectory } from "./plant-directory";
import { plantPerson } from "./plant-person";
import { plantWebhook } from "./plant-webhook";
import { syncApp } from "./synced-app";

const APPS_MAX = 10;
const RUNS = 50;
const DEPARTMENTS = 10_000;

const RUNS_OF_AN_APP = `
  INSERT INTO sync_run (organization_id, id, app_id, number, state, trigger, queued_at, started_at, finished_at, is_complete,
    departments_seen, calls, added)
  SELECT $1, gen_random_uuid(), $2, 1000 + n, 'succeeded', 'schedule', now() - n * interval '6 hours',
    now() - n * interval '6 hours', now() - n * interval '6 hours', true, 3001, 3005, n
  FROM generate_series(1, ${RUNS}) n`;

const CALLS_OF_AN_APP = `
  INSERT INTO logged_call (organization_id, id, at, app_id, method, path, outcome, status, errcode, attempts, duration_ms,
    bytes, request_id)
  SELECT $1, uuidv7(), now(), $2, 'POST', 'topapi/v2/department/listsub', 'dingtalk_refused', 200, '60011', 1, n, n * 100,
    gen_random_uuid()
  FROM generate_series(1, 60) n`;

/** The newest one has a fixed id. */
const EVENTS_OF_AN_APP = `
  INSERT INTO dingtalk_event (organization_id, id, subscription_id, app_id, type, source, received_at, department_ids, state)
  SELECT $1, CASE n WHEN 60 THEN $3 ELSE uuidv7() END, $2, $2, 'org_dept_modify', 'http', now(), ARRAY[n, n + 1, n + 2, n + 3],
    'handled'
  FROM generate_series(1, 60) n`;

/**
 * Signs up and fills an organization, so that each page has as many rows as possible.
 *
 * @returns the path of each page by route
 */
export async function prepareEveryPage(page: Page): Promise<(route: string) => string> {
  const organization = await plantPerson(page, makePerson());
  const ids = await syncApp(page, organization);
  const app = `${organization}/apps/${ids.app}`;
  const eventId = crypto.randomUUID();
  const { webhook, attempt } = await plantWebhook(page, organization, 60);
  const run = `${app}/syncs/${ids.run}`;
  const directory = await plantDirectory(organization, companyOf(DEPARTMENTS));
  await withDatabase(async (client) => {
    const organizationId = parsePublicId(organization.split("/")[2] ?? "") ?? "";
    for (let apps = 2; apps < APPS_MAX; apps += 1) await plantApp(client, organizationId);
    for (const rows of [RUNS_OF_AN_APP, CALLS_OF_AN_APP])
      await client.query(rows, [organizationId, app.split("/").at(-1)]);
    await client.query(EVENTS_OF_AN_APP, [organizationId, app.split("/").at(-1), eventId]);
  });
  return (route) => {
    if (route === "/_not-found") return "/no-such-page";
    if (route.endsWith("/[run]")) return run;
    if (route.endsWith("/[event]")) return `${app}/events/${eventId}`;
    if (route.endsWith("/[app]/directory")) return `${directory}/directory`;
    return route
      .replace("/o/[organization]/apps/[app]", app)
      .replace("/o/[organization]", organization)
      .replace("[webhook]", webhook)
      .replace("[attempt]", attempt);
  };
}
