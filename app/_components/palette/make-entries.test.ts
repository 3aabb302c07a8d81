import { describe, expect, test } from "vitest";
import type { ConsoleOrganization, ConsoleUser, NavApp } from "../shell/frame-types";
import { makeEntries } from "./make-entries";

const makeApp = (id: string, state: NavApp["state"]): NavApp => ({
  id,
  name: `应用 ${id}`,
  appKey: `ding-${id}`,
  state,
  stateLabel: state,
  isHeld: false,
});
const organization: ConsoleOrganization = {
  publicId: "acme",
  name: "Acme",
  apps: [makeApp("a", "verified"), makeApp("b", "broken")],
  mayConnect: true,
  mayChange: true,
  maySync: true,
  mayManageKeys: true,
};
const user: ConsoleUser = {
  email: "a@example.test",
  organizations: [
    { publicId: "acme", name: "Acme" },
    { publicId: "other", name: "Other" },
  ],
  mayCreate: true,
};
const at = (path: string, of: Partial<ConsoleOrganization> = {}, who: Partial<ConsoleUser> = {}) =>
  makeEntries({
    organization: { ...organization, ...of },
    user: { ...user, ...who },
    path,
    locale: "en",
    scheme: "auto",
    translate: (key) => key,
  });
const idsOf = (entries: ReturnType<typeof at>, isHiddenUntilTyped?: boolean) =>
  entries
    .filter(
      (entry) =>
        isHiddenUntilTyped === undefined || (entry.isHiddenUntilTyped ?? false) === isHiddenUntilTyped,
    )
    .map(({ id }) => id);

describe("makeEntries", () => {
  test("lists the open app's pages at once, and other apps' pages after typing", () => {
    const entries = at("/o/acme/apps/a/token");
    expect(idsOf(entries, false)).toEqual(expect.arrayContaining(["directory-a", "syncs-a", "token-a"]));
    expect(idsOf(entries, true)).toEqual(expect.arrayContaining(["directory-b", "syncs-b", "token-b"]));
    expect(idsOf(at("/o/acme"), false)).not.toContain("directory-a");
  });

  test("offers only the actions that an app's state allows", () => {
    const ids = idsOf(at("/o/acme"));
    expect(ids).toEqual(expect.arrayContaining(["sync-a", "test-b"]));
    expect(ids).not.toContain("sync-b");
    expect(ids).not.toContain("test-a");
    expect(idsOf(at("/o/acme", { apps: [makeApp("c", "degraded")] }))).toEqual(
      expect.arrayContaining(["sync-c", "test-c"]),
    );
  });

  test("opens a page with its button focused instead of changing data directly", () => {
    const sync = at("/o/acme").find(({ id }) => id === "sync-a");
    expect(sync?.action).toEqual({ type: "open", href: "/o/acme/apps/a", button: "palette.action.sync" });
    const others = at("/o/acme").filter(({ action }) => !["open", "signOut"].includes(action.type));
    expect(new Set(others.map(({ action }) => action.type))).toEqual(new Set(["language", "scheme"]));
  });

  test("leaves out actions that the role or the server forbids", () => {
    const ids = idsOf(
      at(
        "/o/acme",
        { mayConnect: false, mayChange: false, maySync: false, mayManageKeys: false },
        { mayCreate: false },
      ),
    );
    expect(ids.filter((id) => /^(?:sync-|test-|connect|create)/.test(id))).toEqual([]);
    expect(ids).toEqual(expect.arrayContaining(["overview", "directory-a", "app-a", "signOut"]));
  });

  test("lists other organizations, but not the current one", () => {
    const ids = idsOf(at("/o/acme"));
    expect(ids).toContain("organization-other");
    expect(ids).not.toContain("organization-acme");
  });

  test("makes entries for a user without an organization", () => {
    const entries = makeEntries({
      organization: undefined,
      user: { ...user, organizations: [] },
      path: "/account",
      locale: "zh-CN",
      scheme: "dark",
      translate: (key) => key,
    });
    expect(entries.map(({ id }) => id)).toEqual([
      "account",
      "language-en",
      "scheme-light",
      "scheme-auto",
      "create",
      "signOut",
    ]);
  });
});
