import { describe, expect, test } from "vitest";
import { type Crumb, crumbsOf } from "./crumbs";
import type { ConsoleOrganization } from "./frame-types";

const APP = "01890000-0000-7000-8000-000000000001";
const RUN = "01890000-0000-7000-8000-000000000002";
const organization: ConsoleOrganization = {
  publicId: "acme",
  name: "Acme",
  apps: [
    { id: APP, name: "生产通讯录", appKey: "ding1", state: "verified", stateLabel: "正常", isHeld: false },
  ],
  mayConnect: true,
  mayChange: true,
  maySync: true,
  mayManageKeys: true,
};

const say = (crumb: Crumb) =>
  crumb.type === "page" ? crumb.page : crumb.type === "app" ? crumb.name : "page title";
const trailOf = (path: string) => crumbsOf(path, organization).map(say).join(" › ");

describe("crumbsOf", () => {
  test.each([
    ["/o/acme", "overview"],
    ["/o/acme/apps", "apps"],
    ["/o/acme/apps/new", "apps › connect"],
    [`/o/acme/apps/${APP}`, "apps › 生产通讯录"],
    [`/o/acme/apps/${APP}/settings`, "apps › 生产通讯录 › appSettings"],
    [`/o/acme/apps/${APP}/token`, "apps › 生产通讯录 › token"],
    [`/o/acme/apps/${APP}/directory`, "apps › 生产通讯录 › directory"],
    [`/o/acme/apps/${APP}/directory/removed`, "apps › 生产通讯录 › directory › removed"],
    [`/o/acme/apps/${APP}/syncs`, "apps › 生产通讯录 › syncs"],
    [`/o/acme/apps/${APP}/syncs/${RUN}`, "apps › 生产通讯录 › syncs › page title"],
    [`/o/acme/apps/${APP}/events/${RUN}`, "apps › 生产通讯录 › events › page title"],
    ["/o/acme/calls", "calls"],
    ["/o/acme/webhooks", "webhooks"],
    ["/o/acme/webhooks/new", "webhooks › createWebhook"],
    [`/o/acme/webhooks/${RUN}`, "webhooks › page title"],
    [`/o/acme/webhooks/${RUN}/settings`, "webhooks › webhook › webhookSettings"],
    [`/o/acme/webhooks/${RUN}/attempts/${APP}`, "webhooks › webhook › page title"],
    ["/o/acme/settings", "settings"],
    ["/account", "account"],
    ["/organizations/new", "newOrganization"],
  ])("returns the crumbs of %s: %s", (path, trail) => {
    expect(trailOf(path)).toBe(trail);
  });

  test("links each crumb to its page", () => {
    expect(crumbsOf(`/o/acme/apps/${APP}/syncs/${RUN}`, organization).map(({ href }) => href)).toEqual([
      "/o/acme/apps",
      `/o/acme/apps/${APP}`,
      `/o/acme/apps/${APP}/syncs`,
      `/o/acme/apps/${APP}/syncs/${RUN}`,
    ]);
  });

  test.each([
    "/o/other/apps",
    `/o/other/apps/${APP}`,
    `/o/acme/apps/${RUN}`,
    `/o/acme/apps/${RUN}/directory`,
    `/o/acme/apps/${APP}/no-such`,
    "/o/acme/webhooks/new/more",
    `/o/acme/webhooks/${RUN}/settings/more`,
    `/o/acme/webhooks/${RUN}/attempts`,
    `/o/acme/webhooks/${RUN}/attempts/${APP}/more`,
    `/o/acme/apps/${APP}/token/more`,
    `/o/acme/apps/${APP}/syncs/${RUN}/more`,
    `/o/acme/apps/${APP}/constructor`,
    `/o/acme/apps/${APP}/directory/constructor`,
    "/o/acme/no-such",
    "/o/acme/settings/more",
    "/sign-in",
  ])("returns no crumbs for an unknown or foreign path: %s", (path) => {
    expect(crumbsOf(path, organization)).toEqual([]);
  });
});
