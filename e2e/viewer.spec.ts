import { admit } from "./support/admit";
import { callAction, EVERY_FIELD } from "./support/call-action";
import { hashOfOrganization } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";
import { builtActions, builtRoutes, fillRoute } from "./support/routes";
import { syncApp } from "./support/synced-app";

/** Pages that only change something, which show a viewer the 403 page. */
const CHANGES_ONLY = new Set([
  "/o/[organization]/apps/new",
  "/o/[organization]/api-keys",
  "/o/[organization]/api-keys/new",
  "/o/[organization]/webhooks/new",
  "/o/[organization]/webhooks/[webhook]/settings",
]);

/** Actions on the user's own read marks, which a viewer may call. */
const ALLOWED_ACTIONS = new Set(["markNoticesSeenAction"]);

test("a viewer can read every page and route and change nothing", async ({ page, newBrowser }) => {
  test.setTimeout(120_000);
  const path = await plantPerson(page, makePerson());
  const ids = await syncApp(page, path);

  const viewer = makePerson();
  const theirs = await (await newBrowser()).newPage();
  await plantPerson(theirs, viewer);
  await admit(ids.organization, viewer.email, "viewer");
  const before = await hashOfOrganization(path);

  const pages = builtRoutes().filter((route) => route.startsWith("/o/[organization]"));
  for (const route of pages) {
    const response = await theirs.request.get(fillRoute(route, ids), { maxRedirects: 0 });
    const wanted = CHANGES_ONLY.has(route) ? 403 : 200;
    expect(response.status(), route).toBe(wanted);
  }

  const form = { ...EVERY_FIELD, ...ids };
  for (const { id, name } of builtActions().filter(({ file }) => file.includes("[organization]"))) {
    const answer = await callAction(theirs, { id, path }, { organization: ids.organization, form });
    const forbidden = { status: "failed", message: { key: "error.forbidden" } };
    expect(answer, name).toMatchObject({ state: ALLOWED_ACTIONS.has(name) ? { status: "done" } : forbidden });
  }
  expect(await hashOfOrganization(path)).toEqual(before);

  await theirs.goto(`${path}/settings`);
  await expect(theirs.getByText("Requires owner access")).toBeVisible();
  await expect(theirs.getByRole("button", { name: "Delete organization" })).toHaveCount(0);
});
