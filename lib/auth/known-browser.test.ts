import { createHmac, randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { env } from "@/lib/env";
import { testEnvironment } from "@/lib/testing/environment";
import { isKnownBrowser, rememberBrowser } from "./known-browser";

Object.assign(process.env, testEnvironment(), { DATABASE_URL: "postgres://localhost/none_test" });

const ANN = "ann@example.test";
const BOB = "bob@example.test";
const makeSecret = () => randomBytes(32).toString("base64url");

let secret: string;
beforeEach(() => {
  secret = makeSecret();
  Object.assign(env(), { NEXTAUTH_SECRET: [secret] });
});

describe("S7 browsers that have signed in before", () => {
  test("recognizes a browser for the account that signed in only", () => {
    const cookie = rememberBrowser(undefined, ANN);
    expect(isKnownBrowser(cookie, ANN)).toBe(true);
    expect(isKnownBrowser(cookie, BOB)).toBe(false);
  });

  test("recognizes a browser for five accounts; a sixth replaces the least recently used", () => {
    const accounts = Array.from({ length: 6 }, (_, index) => `${index}@example.test`);
    const cookie = accounts.reduce<string | undefined>(rememberBrowser, undefined);
    expect(accounts.map((email) => isKnownBrowser(cookie, email))).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
    const again = rememberBrowser(rememberBrowser(cookie, accounts[1] ?? ""), "7@example.test");
    expect(isKnownBrowser(again, accounts[1] ?? ""), "a further use counts").toBe(true);
    expect(isKnownBrowser(again, accounts[2] ?? "")).toBe(false);
  });

  test.each([
    ["no cookie", undefined],
    ["an empty cookie", ""],
    ["only dots", "..."],
    ["the e-mail itself", ANN],
    [
      "an HMAC of another secret",
      createHmac("sha256", "guessed").update(`known-browser:${ANN}`).digest("base64url"),
    ],
    [
      "an HMAC with an empty secret",
      createHmac("sha256", "").update(`known-browser:${ANN}`).digest("base64url"),
    ],
    ["characters of many bytes", "组".repeat(43)],
  ])("does not recognize a browser by %s", (_, cookie) => {
    expect(isKnownBrowser(cookie, ANN)).toBe(false);
  });

  test("does not recognize a browser by a shortened or extended HMAC", () => {
    const cookie = rememberBrowser(undefined, ANN);
    expect(isKnownBrowser(cookie.slice(0, -1), ANN)).toBe(false);
    expect(isKnownBrowser(`${cookie}A`, ANN)).toBe(false);
  });

  test("S2 recognizes a browser until the secret of its cookie is removed from the list", () => {
    const cookie = rememberBrowser(undefined, ANN);
    Object.assign(env(), { NEXTAUTH_SECRET: [makeSecret(), secret] });
    expect(isKnownBrowser(cookie, ANN)).toBe(true);
    Object.assign(env(), { NEXTAUTH_SECRET: [makeSecret()] });
    expect(isKnownBrowser(cookie, ANN)).toBe(false);
  });

  test("the browser's cookie does not reveal the accounts", () => {
    const cookie = rememberBrowser(undefined, ANN);
    expect(cookie).toMatch(/^[\w-]{43}$/);
    expect(Buffer.from(cookie, "base64url").toString("latin1")).not.toContain("ann");
  });
});
