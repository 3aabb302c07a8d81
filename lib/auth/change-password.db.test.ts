import { describe, expect, test } from "vitest";
import { pool } from "@/lib/db/connection-pools";
import { asUser } from "@/lib/db/unit-of-work";
import { makeSession, makeUser, type TestUser } from "@/lib/testing/factories";
import { changePassword } from "./change-password";
import { getOwnEmail } from "./confirm-password";
import { makePasswordLink, setPasswordByLink } from "./password-link";
import { findSession } from "./sessions";
import { checkCredentials } from "./sign-in";

const NEW = "a new one that is long";

let addresses = 0;
const caller = () => ({ address: `198.51.100.${++addresses}`, isKnownBrowser: false });
const opens = async ({ email }: TestUser, password: string) =>
  (await checkCredentials({ email, password, ...caller() })) !== null;

describe("S1 changePassword", () => {
  test("changes nothing if the current password is wrong", async () => {
    const user = await makeUser();
    const [here, there] = [await makeSession(user), await makeSession(user)];
    expect(await changePassword(here, { present: "a wrong one", password: NEW }, caller())).toEqual({
      ok: false,
      error: "wrong",
    });
    expect(await opens(user, user.password)).toBe(true);
    expect(await findSession(there.sessionId)).not.toBeNull();
  });

  test("signs out the user's other browsers and no other user's", async () => {
    const [user, neighbor] = [await makeUser(), await makeUser()];
    const [here, there, elsewhere] = [
      await makeSession(user),
      await makeSession(user),
      await makeSession(neighbor),
    ];
    const input = { present: user.password, password: NEW };
    expect(await changePassword(here, input, caller())).toMatchObject({ ok: true });
    expect(await findSession(here.sessionId)).not.toBeNull();
    expect(await findSession(there.sessionId)).toBeNull();
    expect(await findSession(elsewhere.sessionId)).not.toBeNull();
    expect([await opens(user, user.password), await opens(user, NEW)]).toEqual([false, true]);
    expect(await opens(neighbor, neighbor.password)).toBe(true);
  });

  test("refuses to change the password with another user's password", async () => {
    const [user, neighbor] = [await makeUser(), await makeUser()];
    const changed = { present: neighbor.password, password: NEW };
    const own = await makeSession(user);
    await changePassword(own, { present: user.password, password: "first one of its own" }, caller());
    expect(await changePassword(own, changed, caller())).toMatchObject({ ok: false });
  });

  test("S7 delays after wrong passwords like the sign-in", async () => {
    const user = await makeUser();
    const [here, where] = [await makeSession(user), caller()];
    const input = { present: "a wrong one", password: NEW };
    for (let wrong = 0; wrong < 5; wrong++) await changePassword(here, input, where);
    const right = { present: user.password, password: NEW };
    await expect(changePassword(here, right, where)).rejects.toMatchObject({ code: "rate_limited" });
  });

  test("revokes a password link that was created before the change", async () => {
    const user = await makeUser();
    const link = await makePasswordLink(user.userId);
    await changePassword(await makeSession(user), { present: user.password, password: NEW }, caller());
    expect(await setPasswordByLink(link, "a password of a stranger")).toEqual({ ok: false, error: "spent" });
  });
});

test("S21 the database stores only the argon2id hash of a password", async () => {
  const user = await makeUser();
  expect(await getOwnEmail(user)).toBe(user.email);
  await changePassword(await makeSession(user), { present: user.password, password: NEW }, caller());
  const { rows } = await userRows(user);
  expect(JSON.stringify(rows)).toContain("$argon2id$");
  expect(JSON.stringify(rows)).not.toContain(NEW);
  expect((await pool().query("SELECT * FROM users")).rows, "no rows outside a unit of work").toEqual([]);
});

const userRows = async ({ userId }: TestUser) => ({
  rows: await asUser({ userId }, (tx) => tx.$queryRaw<unknown[]>`SELECT * FROM users`),
});
