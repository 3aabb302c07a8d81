import { describe, expect, test } from "vitest";
import { setPasswordByLink } from "@/lib/auth/password-link";
import { findSession } from "@/lib/auth/sessions";
import { checkCredentials } from "@/lib/auth/sign-in";
import { makeEmail, makeOrganization, makeSession, makeUser } from "@/lib/testing/factories";
import { createOwner, disableUser, resetLink } from "./operator";
import { listOrganizations } from "./queries";

const NEW = "a new one that is long";

let addresses = 0;
const idOf = (email: string, password: string) =>
  checkCredentials({ email, password, address: `198.51.100.${++addresses}`, isKnownBrowser: false });

describe("createOwner", () => {
  test("creates an owner who can sign in after setting a password by the link", async () => {
    const email = makeEmail();
    const made = await createOwner(email, "组织");
    if (!made.ok) throw new Error("set-up failed");
    expect(await idOf(email, NEW)).toBeNull();
    expect(await setPasswordByLink(made.value, NEW)).toMatchObject({ ok: true });
    const userId = await idOf(email, NEW);
    expect(await listOrganizations({ userId: userId ?? "" }, "en")).toMatchObject([
      { name: "组织", role: "owner" },
    ]);
  });

  test("refuses an owner with a taken e-mail and changes nothing", async () => {
    const { owner } = await makeOrganization();
    expect(await createOwner(owner.email, "another")).toEqual({ ok: false, error: "known" });
    expect(await idOf(owner.email, owner.password)).toBe(owner.userId);
    expect(await listOrganizations(owner, "en")).toHaveLength(1);
  });
});

describe("resetLink", () => {
  test("keeps the current password until the link is used", async () => {
    const user = await makeUser();
    const link = await resetLink(user.email);
    if (!link.ok) throw new Error("set-up failed");
    expect(await idOf(user.email, user.password)).toBe(user.userId);
    await setPasswordByLink(link.value, NEW);
    expect([await idOf(user.email, user.password), await idOf(user.email, NEW)]).toEqual([null, user.userId]);
  });

  test("resetLink and disableUser reject an unknown e-mail", async () => {
    expect(await resetLink(makeEmail())).toEqual({ ok: false, error: "unknown" });
    expect(await disableUser(makeEmail())).toEqual({ ok: false, error: "unknown" });
  });
});

describe("S1 disableUser", () => {
  test("ends all sessions and rejects the password and links of the user", async () => {
    const [user, neighbor] = [await makeUser(), await makeUser()];
    const sessions = [await makeSession(user), await makeSession(user)];
    const elsewhere = await makeSession(neighbor);
    const link = await resetLink(user.email);
    expect(await disableUser(user.email)).toMatchObject({ ok: true });

    for (const { sessionId } of sessions) expect(await findSession(sessionId)).toBeNull();
    expect(await findSession(elsewhere.sessionId)).not.toBeNull();
    expect(await idOf(user.email, user.password)).toBeNull();
    expect(link.ok && (await setPasswordByLink(link.value, NEW))).toEqual({ ok: false, error: "spent" });
    expect(await resetLink(user.email)).toEqual({ ok: false, error: "disabled" });
  });
});
