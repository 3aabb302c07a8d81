import { randomUUID } from "node:crypto";
import type { Session, User } from "next-auth";
import { decode } from "next-auth/jwt";
import type { CredentialsConfig } from "next-auth/providers/credentials";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { env } from "@/lib/env";
import { beginAttempt } from "@/lib/limits/sign-in-attempts";
import { asBrowser, makeBrowser, setCookie, type TestBrowser } from "@/lib/testing/browser";
import { makeEmail, makeSession, makeUser, type TestUser } from "@/lib/testing/factories";
import { authOptions } from "./auth-options";
import { knownBrowserCookie } from "./cookies";
import { findSession } from "./sessions";

vi.mock("next/headers", () => import("@/lib/testing/browser"));

/** What next-auth calls with the form of the sign-in page. */
function authorize(form: Record<string, string>): Promise<User | null> {
  const [provider] = authOptions().providers as unknown as [{ options: CredentialsConfig }];
  return Promise.resolve(provider.options.authorize(form, {}));
}

let addresses = 0;
const somewhere = () => makeBrowser(`198.51.100.${++addresses}`);

const signInFrom = (browser: TestBrowser, { email, password }: Pick<TestUser, "email" | "password">) =>
  asBrowser(browser, () => authorize({ email, password }));

beforeEach(() => {
  Object.assign(env(), { NEXTAUTH_URL: "https://dingkeep.example" });
});

describe("S1 what next-auth is given", () => {
  test("is the id of a session whose row was just made, and nothing about the person", async () => {
    const user = await makeUser();
    const given = await signInFrom(somewhere(), user);
    expect(Object.keys(given ?? {})).toEqual(["id"]);
    expect(await findSession(given?.id ?? "")).toMatchObject({ userId: user.userId });
  });

  test("ends in a token that carries that id, whatever else next-auth puts beside it", async () => {
    const { jwt, callbacks } = authOptions();
    const sid = randomUUID();
    const beside = { name: "Ann", email: "ann@example.test", sub: "s", role: "owner" };
    const first = await callbacks?.jwt?.({ token: beside, user: { id: sid }, account: null });
    const later = await callbacks?.jwt?.({ token: { ...beside, sid } } as never);
    expect([first, later]).toEqual([{ sid }, { sid }]);

    const [secret = ""] = env().NEXTAUTH_SECRET;
    const token = await jwt?.encode?.({ token: { ...beside, sid }, secret });
    const claims = await decode({ token: token ?? "", secret });
    expect(Object.keys(claims ?? {}).sort()).toEqual(["exp", "iat", "jti", "sid"]);
    expect(await jwt?.decode?.({ token: token ?? "", secret })).toEqual({ sid });
  });

  test("shows the browser when its session ends and nothing else of it", async () => {
    const session = { expires: "2027-01-01", user: { email: "ann@example.test" } } as Session;
    const shown = await authOptions().callbacks?.session?.({
      session,
      token: { sid: randomUUID() },
    } as never);
    expect(shown).toEqual({ expires: "2027-01-01" });
  });

  test("deletes the session's row at the sign-out", async () => {
    const { sessionId } = await makeSession(await makeUser());
    await authOptions().events?.signOut?.({ token: { sid: sessionId }, session: {} as Session });
    expect(await findSession(sessionId)).toBeNull();
  });
});

describe("S2 next-auth's cookies", () => {
  test("are ours, each of them __Host-, Secure, HttpOnly and SameSite=Lax over https", () => {
    const cookies = Object.values(authOptions().cookies ?? {});
    expect(cookies.map(({ name }) => name)).toEqual([
      "__Host-dingkeep.session",
      "__Host-dingkeep.csrf",
      "__Host-dingkeep.callback",
    ]);
    for (const { options } of cookies)
      expect(options).toEqual({ httpOnly: true, sameSite: "lax", path: "/", secure: true });
  });
});

describe("S5 where next-auth leads to", () => {
  const baseUrl = "https://dingkeep.example";

  test.each([
    ["a path of our own", "/o/abc?x=1", "/o/abc?x=1"],
    ["our own address", `${baseUrl}/o/abc`, "/o/abc"],
    ["another site", "https://evil.example/o/abc", "/"],
    ["another site behind ours as its name", `${baseUrl}.evil.example/x`, "/"],
    ["another site behind ours as a user", `${baseUrl}@evil.example/x`, "/"],
    ["another site behind two slashes", `${baseUrl}//evil.example`, "/"],
    ["a script", "javascript:alert(1)", "/"],
  ])("by %s is on our own origin", async (_, url, path) => {
    expect(await authOptions().callbacks?.redirect?.({ url, baseUrl })).toBe(baseUrl + path);
  });
});

describe("S6 the sign-in", () => {
  test("has one answer for a wrong e-mail, a wrong password and what can't be either", async () => {
    const user = await makeUser();
    const forms: Record<string, string>[] = [
      { email: user.email, password: "not the password" },
      { email: makeEmail(), password: user.password },
      { email: "no address", password: user.password },
      { email: user.email, password: "x".repeat(129) },
      { email: user.email },
      {},
    ];
    for (const form of forms) expect(await asBrowser(somewhere(), () => authorize(form))).toBeNull();
  });

  test("takes an e-mail as people type it", async () => {
    const user = await makeUser();
    const typed = { ...user, email: ` ${user.email.toUpperCase()} ` };
    expect(await signInFrom(somewhere(), typed)).not.toBeNull();
  });

  test("says how long to wait and nothing else when there were too many wrong ones", async () => {
    const [user, browser] = [await makeUser(), somewhere()];
    for (let wrong = 0; wrong < 5; wrong++) {
      await beginAttempt({ ...user, address: browser.address, isKnownBrowser: false });
    }
    await expect(signInFrom(browser, user)).rejects.toThrow(/^throttled:30$/);
  });

  test("says nothing of what broke", async () => {
    const user = await makeUser();
    // Outside a request: what it throws names our code.
    await expect(authorize({ email: user.email, password: user.password })).rejects.toThrow(/^internal$/);
  });
});

describe("S7 a browser that has signed in before", () => {
  const lockAccount = async ({ email }: TestUser) => {
    for (let wrong = 0; wrong < 20; wrong++) {
      await beginAttempt({ email, address: `192.0.2.${wrong}`, isKnownBrowser: false });
    }
  };

  test("is told by a cookie of half a year, and passes the lock of that account", async () => {
    const [user, browser] = [await makeUser(), somewhere()];
    await signInFrom(browser, user);
    const known = browser.jar.get(knownBrowserCookie().name);
    expect(known?.options).toEqual({
      httpOnly: true,
      sameSite: "lax",
      path: "/",
      secure: true,
      maxAge: 180 * 24 * 60 * 60,
    });

    await lockAccount(user);
    await expect(signInFrom(somewhere(), user), "the others wait").rejects.toThrow(/^throttled:/);
    expect(await signInFrom(browser, user)).not.toBeNull();
  });

  test("isn't told by a wrong password", async () => {
    const [user, browser] = [await makeUser(), somewhere()];
    await signInFrom(browser, { ...user, password: "not the password" });
    expect(browser.jar.size).toBe(0);
  });

  test.each([
    ["forged", "A".repeat(43)],
    ["of garbage", "....,;="],
  ])("isn't known by a cookie that is %s", async (_, forged) => {
    const [user, browser] = [await makeUser(), somewhere()];
    setCookie(browser, knownBrowserCookie().name, forged);
    await lockAccount(user);
    await expect(signInFrom(browser, user)).rejects.toThrow(/^throttled:/);
  });

  test("isn't known by another account's cookie", async () => {
    const [user, attacker, browser] = [await makeUser(), await makeUser(), somewhere()];
    await signInFrom(browser, attacker);
    await lockAccount(user);
    await expect(signInFrom(browser, user)).rejects.toThrow(/^throttled:/);
  });
});
