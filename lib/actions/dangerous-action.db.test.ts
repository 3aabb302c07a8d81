import { beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { type ActionState, IDLE } from "@/lib/action-state";
import { asUser } from "@/lib/db/unit-of-work";
import { ok } from "@/lib/result";
import { asBrowser, makeSignedInBrowser, type TestBrowser } from "@/lib/testing/browser";
import { addMember, makeOrganization, type TestMember, type TestOrganization } from "@/lib/testing/factories";
import { defineAction } from "./define-action";

vi.mock("next/headers", () => import("@/lib/testing/browser"));

const form = (fields: Readonly<Record<string, string>> = {}) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
};

const refusal = (code: string) => ({ status: "failed", message: { key: `error.${code}` } });

let organization: TestOrganization;
beforeEach(async () => {
  organization = await makeOrganization();
});

describe("S10 dangerous actions", () => {
  const handle = vi.fn(async () => ok("done"));
  const action = defineAction(
    { permission: "organization.delete", input: z.object({}), isDangerous: true },
    handle,
  );
  const needed = { ...refusal("password_needed"), needsPassword: true };
  const done = { status: "done", data: "done" };

  beforeEach(() => {
    handle.mockClear();
  });

  /** Returns a browser whose password was confirmed that many minutes ago. */
  async function browserAfter(minutes: number, member: TestMember = organization.owner) {
    const browser = await makeSignedInBrowser(member);
    const { sessionId } = browser.session;
    const passwordConfirmedAt = new Date(Date.now() - minutes * 60_000);
    await asUser({ sessionId }, (tx) =>
      tx.session.update({ where: { id: sessionId }, data: { passwordConfirmedAt } }),
    );
    return browser;
  }

  const ask = (browser: TestBrowser, fields: Record<string, string> = {}): Promise<ActionState<string>> =>
    asBrowser(browser, () => action(organization.publicId, IDLE, form(fields)));

  test("runs a dangerous action for ten minutes after the password was confirmed, then asks again", async () => {
    expect(await ask(await browserAfter(9.9))).toEqual(done);
    expect(await ask(await browserAfter(10.1))).toEqual(needed);
    expect(handle).toHaveBeenCalledTimes(1);
  });

  test("runs a dangerous action with the password in its form, and without it for the next ten minutes", async () => {
    const browser = await browserAfter(60);
    expect(await ask(browser, { confirmation: organization.owner.password })).toEqual(done);
    expect(await ask(browser)).toEqual(done);
  });

  test.each([
    ["no password", ""],
    ["a wrong password", "not the password"],
    ["a password that is too long", "x".repeat(129)],
  ])("asks for the password again after %s", async (_, confirmation) => {
    const browser = await browserAfter(60);
    expect(await ask(browser, { confirmation })).toEqual(needed);
    expect(await ask(browser), "nothing was confirmed").toEqual(needed);
    expect(handle).not.toHaveBeenCalled();
  });

  test("refuses the password of another user", async () => {
    const browser = await browserAfter(60);
    const { sessionId, userId } = browser.session;
    // The factories give every user the same password, so this user gets none.
    await asUser({ userId, sessionId }, (tx) =>
      tx.user.update({ where: { id: userId }, data: { passwordHash: null } }),
    );
    expect(await ask(browser, { confirmation: organization.owner.password })).toEqual(needed);
  });

  test("S7 limits password guesses through a dangerous action", async () => {
    const browser = await browserAfter(60);
    for (let wrong = 0; wrong < 5; wrong++) await ask(browser, { confirmation: "not the password" });
    expect(await ask(browser, { confirmation: organization.owner.password })).toEqual({
      ...refusal("rate_limited"),
      message: { key: "error.rate_limited", values: { minutes: 1 } },
    });
    expect(handle).not.toHaveBeenCalled();
  });

  test("refuses a caller without the permission or membership before asking for the password", async () => {
    const admin = await browserAfter(60, await addMember(organization, "admin"));
    expect(await ask(admin)).toEqual(refusal("forbidden"));
    const stranger = await browserAfter(60, (await makeOrganization()).owner);
    expect(await ask(stranger)).toEqual(refusal("not_found"));
  });
});
