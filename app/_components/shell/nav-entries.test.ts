import { describe, expect, test } from "vitest";
import type { ConsoleOrganization, NavApp } from "./frame-types";
import { countAttention, openApp, shownApps } from "./nav-entries";

const makeApp = (id: number, state: NavApp["state"] = "verified"): NavApp => ({
  id: `app${id}`,
  name: `应用 ${id}`,
  appKey: `ding${id}`,
  state,
  stateLabel: state,
  isHeld: false,
});
const placeOf = (apps: readonly NavApp[]): ConsoleOrganization => ({
  publicId: "acme",
  name: "Acme",
  apps,
  mayConnect: true,
  mayChange: true,
  maySync: true,
  mayManageKeys: true,
});
const many = (count: number) => placeOf(Array.from({ length: count }, (_, index) => makeApp(index + 1)));
const ids = (apps: readonly NavApp[]) => apps.map(({ id }) => id);

describe("shownApps", () => {
  test("returns up to seven apps without leaving any out", () => {
    expect(shownApps("/o/acme", many(7))).toHaveLength(7);
    expect(ids(shownApps("/o/acme", many(1)))).toEqual(["app1"]);
  });

  test("returns the newest five of more, and the open one", () => {
    const newest = ["app4", "app5", "app6", "app7", "app8"];
    expect(ids(shownApps("/o/acme", many(8)))).toEqual(newest);
    expect(ids(shownApps("/o/acme/apps/app8", many(8)))).toEqual(newest);
    expect(ids(shownApps("/o/acme/apps/app2/token", many(8)))).toEqual(["app2", ...newest]);
  });
});

test("openApp returns the only app on every page, and of several the one in the path", () => {
  expect(openApp("/o/acme/settings", many(1))?.id).toBe("app1");
  expect(openApp("/o/acme", many(2))).toBeUndefined();
  expect(openApp("/o/acme/apps/app2/directory", many(2))?.id).toBe("app2");
  expect(openApp("/o/acme/apps/new", many(2))).toBeUndefined();
  expect(openApp("/o/other/apps/app2", many(2))).toBeUndefined();
});

test("countAttention counts broken apps and held runs separately", () => {
  const apps = [makeApp(1, "broken"), makeApp(2, "degraded"), makeApp(3, "broken"), makeApp(4, "draft")];
  expect(countAttention(placeOf(apps))).toBe(2);
  const held = [...apps, { ...makeApp(5), isHeld: true }, { ...makeApp(6, "broken"), isHeld: true }];
  expect(countAttention(placeOf(held))).toBe(5);
});
