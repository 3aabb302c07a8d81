import type { Page } from "@playwright/test";
import { parsePublicId } from "@/lib/public-id";
import { callAction, EVERY_FIELD } from "./support/call-action";
import { hashOfOrganization, withDatabase } from "./support/database";
import { createOrganization, expect, makePerson, test } from "./support/fixtures";
import { ORIGIN } from "./support/origin";
import { answerOf, visibleText } from "./support/page-text";
import { plantDirectory } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";
import { plantWebhook } from "./support/plant-webhook";
import { type BuiltAction, builtActions, builtRoutes, fillRoute, type Ids } from "./support/routes";
import { syncApp } from "./support/synced-app";

const UNKNOWN_ID = "01890000-0000-7000-8000-000000000000";
const UNKNOWN: Ids = {
  organization: "01234567890123456789abcdef",
  app: UNKNOWN_ID,
  run: UNKNOWN_ID,
  event: UNKNOWN_ID,
  webhook: UNKNOWN_ID,
  attempt: UNKNOWN_ID,
};
const NOT_FOUND = { state: { status: "failed", message: { key: "error.not_found" } } };

const tenantRoutes = () => builtRoutes().filter((route) => route.includes("[organization]"));
const objectRoutes = () => builtRoutes().filter((route) => /\[(?:app|webhook)\]/.test(route));
const tenantActions = () => builtActions().filter(({ file }) => file.includes("[organization]"));
/** Actions on an app or a webhook that exists. */
const objectActions = () =>
  builtActions().filter(
    ({ file, name }) => /\[app\]|\/webhooks\//.test(file) && name !== "createWebhookAction",
  );

async function numberOf(run = ""): Promise<number | undefined> {
  const { rows } = await withDatabase((client) =>
    client.query<{ number: number }>("SELECT number FROM sync_run WHERE id = $1", [run]),
  );
  return rows[0]?.number;
}

/** Calls an action with the fields of all actions. */
function attempt(page: Page, path: string, { id }: BuiltAction, { organization, ...ids }: Ids) {
  const form = { ...EVERY_FIELD, ...ids };
  return callAction(page, { id, path }, { organization, form });
}

test("S15 routes and actions answer for another organization's ids as for unknown ids, and change nothing", async ({
  page,
  newBrowser,
}) => {
  test.setTimeout(180_000);
  const theirs = await syncApp(page, await plantPerson(page, makePerson()));
  const attacker = await (await newBrowser()).newPage();
  const path = await plantPerson(attacker, makePerson());
  const own = path.split("/")[2] ?? "";
  const before = await hashOfOrganization(`/o/${theirs.organization}`);

  expect(tenantRoutes().length).toBeGreaterThan(7);
  for (const route of tenantRoutes()) {
    const foreign = await answerOf(attacker, fillRoute(route, theirs), theirs);
    expect(foreign, route).toMatch(/^404 /);
    expect(foreign, route).toBe(await answerOf(attacker, fillRoute(route, UNKNOWN), UNKNOWN));
    if (!objectRoutes().includes(route)) continue;
    const [mixed, unknown] = [theirs, UNKNOWN].map((ids) => ({ ...ids, organization: own })) as [Ids, Ids];
    const answer = await answerOf(attacker, fillRoute(route, mixed), mixed);
    expect(answer, `${route} with one's own organization`).toMatch(/^404 /);
    expect(answer, `${route} with one's own organization`).toBe(
      await answerOf(attacker, fillRoute(route, unknown), unknown),
    );
  }

  expect(tenantActions().length).toBeGreaterThan(5);
  for (const action of tenantActions()) {
    const foreign = await attempt(attacker, path, action, theirs);
    expect(foreign, action.name).toEqual(await attempt(attacker, path, action, UNKNOWN));
    expect(foreign, action.name).toMatchObject(NOT_FOUND);
  }
  for (const action of objectActions()) {
    const mixed = await attempt(attacker, path, action, { ...theirs, organization: own });
    expect(mixed, `${action.name} with one's own organization`).toMatchObject(NOT_FOUND);
  }

  expect(await hashOfOrganization(`/o/${theirs.organization}`)).toEqual(before);
});

test("S15 ids of a user's other organization are unknown in this one", async ({ page }) => {
  test.setTimeout(120_000);
  const person = makePerson();
  const first = await plantPerson(page, person);
  const second = await createOrganization(page, `${person.organization} 2`);
  const theirs = await syncApp(page, second);
  const organization = first.split("/")[2] ?? "";
  const ownApp = (await plantDirectory(first, [{ id: 1 }])).split("/").at(-1) ?? "";
  const before = await hashOfOrganization(second);

  for (const route of objectRoutes()) {
    const control = await page.request.get(fillRoute(route, theirs));
    expect(control.status(), `${route} exists`).not.toBe(404);
    for (const app of [theirs.app, ownApp]) {
      if (app === ownApp && !/\[(?:run|event)\]/.test(route)) continue;
      const mixed = { ...theirs, organization, app };
      const unknown = { ...UNKNOWN, organization, app: app === ownApp ? app : UNKNOWN_ID };
      const answer = await answerOf(page, fillRoute(route, mixed), mixed);
      expect(answer, route).toMatch(/^404 /);
      expect(answer, route).toBe(await answerOf(page, fillRoute(route, unknown), unknown));
    }
  }
  expect(objectActions().length).toBeGreaterThan(4);
  for (const action of objectActions()) {
    const answer = await attempt(page, first, action, { ...theirs, organization });
    expect(answer, action.name).toMatchObject(NOT_FOUND);
    expect(answer, action.name).toEqual(await attempt(page, first, action, { ...UNKNOWN, organization }));
  }
  expect(await hashOfOrganization(second)).toEqual(before);
});

test("S15 a malformed id is answered like an unknown one in every part of a path", async ({ page }) => {
  test.setTimeout(120_000);
  const path = await plantPerson(page, makePerson());
  const organization = path.split("/")[2] ?? "";
  const app = (await plantDirectory(path, [{ id: 1 }])).split("/").at(-1) ?? "";
  const { webhook } = await plantWebhook(page, path, 1);
  const own: Ids = { ...UNKNOWN, organization, app, webhook };
  const malformed = [
    "' OR true --",
    "..",
    "x".repeat(3_000),
    parsePublicId(organization) ?? "",
    organization.toUpperCase(),
    app.toUpperCase(),
    "ilou".repeat(7).slice(0, 26),
    "$undefined",
  ];
  const wrongKind = {
    organization: app,
    app: organization,
    run: app,
    event: app,
    webhook: app,
    attempt: app,
  };

  for (const part of ["organization", "app", "run", "event", "webhook", "attempt"] as const) {
    const routes = tenantRoutes().filter((route) => route.includes(`[${part}]`));
    for (const [index, route] of routes.entries()) {
      // All ids pass one check, so one id proves that a route uses it. The first route gets the whole list.
      const texts = index === 0 ? malformed : malformed.slice(0, 1);
      const unknown = await visibleText(page, fillRoute(route, { ...own, [part]: UNKNOWN[part] }));
      expect(unknown, route).toMatch(/^404 /);
      for (const text of [...texts, wrongKind[part]]) {
        // Browsers resolve a `..` segment, encoded or not; the slash prevents that.
        const encoded = text === ".." ? "..%2F" : encodeURIComponent(text);
        const answer = await visibleText(page, fillRoute(route, { ...own, [part]: encoded }));
        expect(answer, `${route} with ${encoded.slice(0, 40)} as ${part}`).toBe(unknown);
      }
    }
  }
  for (const [index, action] of objectActions().entries())
    for (const text of [...(index === 0 ? malformed : malformed.slice(0, 1)), wrongKind.app, ""]) {
      const answer = await attempt(page, path, action, {
        ...own,
        app: text,
        run: text,
        event: text,
        webhook: text,
      });
      expect(answer, `${action.name} with ${text.slice(0, 40)}`).toMatchObject(NOT_FOUND);
    }
});

test("S15 a user can't end another user's session", async ({ page, newBrowser }) => {
  const theirs = await plantPerson(page, makePerson());
  const attacker = await (await newBrowser()).newPage();
  await plantPerson(attacker, makePerson());
  const { rows } = await withDatabase((client) =>
    client.query<{ id: string }>(
      `SELECT s.id FROM sessions s JOIN memberships m ON m.user_id = s.user_id WHERE m.organization_id = $1`,
      [parsePublicId(theirs.split("/")[2] ?? "")],
    ),
  );
  const action = builtActions().find(({ name }) => name === "endSessionAction");
  const end = (id = "") => callAction(attacker, { id: action?.id ?? "", path: "/account" }, { form: { id } });
  expect(rows).toHaveLength(1);
  expect(await end(rows[0]?.id)).toEqual(await end(UNKNOWN_ID));
  await page.goto(theirs);
  await expect(page).toHaveURL(new RegExp(`${theirs}$`));
});

test("S16 run numbers count per organization, and ids are random", async ({ page, newBrowser }) => {
  const other = await (await newBrowser()).newPage();
  const [mine, theirs] = await Promise.all(
    [page, other].map(async (one) => syncApp(one, await plantPerson(one, makePerson()))),
  );
  for (const run of [mine?.run, theirs?.run]) expect(await numberOf(run)).toBe(1);
  const random = (id = "") => id.slice(19);
  for (const [one, its] of [
    [mine?.app, theirs?.app],
    [mine?.run, theirs?.run],
  ]) {
    expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(random(one)).not.toBe(random(its));
  }
  const payload = await (await page.request.get(`/o/${mine?.organization}/apps/${mine?.app}/syncs`)).text();
  const { rows } = await withDatabase((client) =>
    client.query<{ name: string }>(
      "SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public'",
    ),
  );
  expect(rows, "no sequence that tenants share").toEqual([]);
  expect(payload).toContain(mine?.run);
  expect(payload).not.toContain(theirs?.run);
});

test("S4 an action without Dingkeep's Origin is refused for every Host", async ({ page }) => {
  const path = await plantPerson(page, makePerson());
  const action = builtActions().find(({ name }) => name === "renameOrganizationAction");
  for (const headers of [
    {},
    { origin: "https://evil.example" },
    { origin: "https://evil.example", host: "evil.example" },
  ]) {
    const response = await page.request.fetch(ORIGIN + path, {
      method: "POST",
      headers: { "next-action": action?.id ?? "", ...headers },
      multipart: { "0": "[]" },
    });
    expect(response.status(), JSON.stringify(headers)).toBe(403);
  }
});
