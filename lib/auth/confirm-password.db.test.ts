import { describe, expect, test } from "vitest";
import { asUser } from "@/lib/db/unit-of-work";
import { makeSession, makeUser, type TestUser } from "@/lib/testing/factories";
import { confirmPassword } from "./confirm-password";
import { findSession } from "./sessions";

let addresses = 0;
const caller = () => ({ address: `198.51.100.${++addresses}`, isKnownBrowser: false });

describe("S10 confirmPassword", () => {
  const confirmedAt = async (sessionId: string) =>
    (await findSession(sessionId))?.passwordConfirmedAt.getTime();

  async function makeStaleSession(user: TestUser) {
    const session = await makeSession(user);
    const { sessionId } = session;
    await asUser({ sessionId }, (tx) =>
      tx.session.update({ where: { id: sessionId }, data: { passwordConfirmedAt: new Date(0) } }),
    );
    return session;
  }

  test("records the confirmation for this session only", async () => {
    const user = await makeUser();
    const [here, there] = [await makeStaleSession(user), await makeStaleSession(user)];
    expect(await confirmPassword(here, user.password, caller())).toBe(true);
    expect(Date.now() - ((await confirmedAt(here.sessionId)) ?? 0)).toBeLessThan(60_000);
    expect(await confirmedAt(there.sessionId)).toBe(0);
  });

  test("records no confirmation for a wrong password", async () => {
    const user = await makeUser();
    const here = await makeStaleSession(user);
    expect(await confirmPassword(here, "a wrong one", caller())).toBe(false);
    expect(await confirmedAt(here.sessionId)).toBe(0);
  });
});
