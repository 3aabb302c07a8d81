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

/** Calls `authorize` as next-auth does with the sign-in form. */
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

describe("S1 authOptions", () => {
  test("authorize returns only the id of a new session", async () => {
    const user = await makeUser();
    const given = await signInFrom(somewhere(), user);
    expect(Object.keys(given ?? {})).toEqual(["id"]);
    expect(await findSession(given?.id ?? "")).toMatchObject({ userId: user.userId });
  });

  test("the token carries only the session id, whatever else next-auth adds", async () => {
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

  test("the session endpoint returns only the expiry", async () => {
    const session = { expires: "2027-01-01", user: { email: "ann@example.test" } } as Session;
    const shown = await authOptions().callbacks?.session?.({
      session,
      token: { sid: randomUUID() },
    } as never);
    expect(shown).toEqual({ expires: "2027-01-01" });
  });

  test("sign-out deletes the session row", async () => {
    const { sessionId } = await makeSession(await makeUser());
    await authOptions().events?.signOut?.({ token: { sid: sessionId }, session: {} as Session });
    expect(await findSession(sessionId)).toBeNull();
  });
});

describe("S2 next-auth's cookies", () => {
  test("next-auth's cookies have Dingkeep's names and __Host-, Secure, HttpOnly and SameSite=Lax over https", () => {
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

describe("S5 redirect callback", () => {
  const baseUrl = "https://dingkeep.example";

  test.each([
    ["a path", "/o/abc?x=1", "/o/abc?x=1"],
    ["the same origin", `${baseUrl}/o/abc`, "/o/abc"],
    ["another site", "https://evil.example/o/abc", "/"],
    ["another site whose name starts with this origin", `${baseUrl}.evil.example/x`, "/"],
    ["another site with this origin as its user name", `${baseUrl}@evil.example/x`, "/"],
    ["another site after two slashes", `${baseUrl}//evil.example`, "/"],
    ["a script", "javascript:alert(1)", "/"],
  ])("the redirect callback stays on the origin for %s", async (_, url, path) => {
    expect(await authOptions().callbacks?.redirect?.({ url, baseUrl })).toBe(baseUrl + path);
  });
});

describe("S6 authorize", () => {
  test("returns the same result for a wrong e-mail, a wrong password and invalid input", async () => {
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

  test("accepts an e-mail with capitals and spaces", async () => {
    const user = await makeUser();
    const typed = { ...user, email: ` ${user.email.toUpperCase()} ` };
    expect(await signInFrom(somewhere(), typed)).not.toBeNull();
  });

  test("reports only the delay after too many wrong passwords", async () => {
    const [user, browser] = [await makeUser(), somewhere()];
    for (let wrong = 0; wrong < 5; wrong++) {
      await beginAttempt({ ...user, address: browser.address, isKnownBrowser: false });
    }
    await expect(signInFrom(browser, user)).rejects.toThrow(/^throttled:30$/);
  });

  test("reports an internal error of the sign-in without details", async () => {
    const user = await makeUser();
    // Outside a request Next.js throws an error with internal names.
    await expect(authorize({ email: user.email, password: user.password })).rejects.toThrow(/^internal$/);
  });
});

describe("S7 browsers that have signed in before", () => {
  const lockAccount = async ({ email }: TestUser) => {
    for (let wrong = 0; wrong < 20; wrong++) {
      await beginAttempt({ email, address: `192.0.2.${wrong}`, isKnownBrowser: false });
    }
  };

  test("a known browser has a cookie for 180 days and passes the account's lock", async () => {
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
    await expect(signInFrom(somewhere(), user), "other browsers wait").rejects.toThrow(/^throttled:/);
    expect(await signInFrom(browser, user)).not.toBeNull();
  });

  test("sets no cookie of a known browser for a wrong password", async () => {
    const [user, browser] = [await makeUser(), somewhere()];
    await signInFrom(browser, { ...user, password: "not the password" });
    expect(browser.jar.size).toBe(0);
  });

  test.each([
    ["forged", "A".repeat(43)],
    ["malformed", "....,;="],
  ])("does not recognize a browser by a cookie that is %s", async (_, forged) => {
    const [user, browser] = [await makeUser(), somewhere()];
    setCookie(browser, knownBrowserCookie().name, forged);
    await lockAccount(user);
    await expect(signInFrom(browser, user)).rejects.toThrow(/^throttled:/);
  });

  test("does not recognize a browser by another account's cookie", async () => {
    const [user, attacker, browser] = [await makeUser(), await makeUser(), somewhere()];
    await signInFrom(browser, attacker);
    await lockAccount(user);
    await expect(signInFrom(browser, user)).rejects.toThrow(/^throttled:/);
  });
});
