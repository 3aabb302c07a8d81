import { randomBytes, randomUUID } from "node:crypto";
import { decode, encode } from "next-auth/jwt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { env } from "@/lib/env";
import { testEnvironment } from "@/lib/testing/environment";
import { decodeSessionToken, encodeSessionToken } from "./session-token";

Object.assign(process.env, testEnvironment(), { DATABASE_URL: "postgres://localhost/none_test" });

const makeSecret = () => randomBytes(32).toString("base64url");
const DAY_MS = 24 * 60 * 60 * 1_000;

let secret: string;
beforeEach(() => {
  secret = makeSecret();
  Object.assign(env(), { NEXTAUTH_SECRET: [secret] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("S1 session token", () => {
  test("the session token carries only the id of a session", async () => {
    const sid = randomUUID();
    const claims = await decode({ token: await encodeSessionToken(sid), secret });
    expect(claims).toEqual({
      sid,
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.any(String),
    });
  });

  test("the session token decodes to its session id", async () => {
    const sid = randomUUID();
    expect(await decodeSessionToken(await encodeSessionToken(sid))).toBe(sid);
  });

  test("the session token expires after SESSION_MAX_DAYS", async () => {
    Object.assign(env(), { SESSION_MAX_DAYS: 14 });
    const sid = randomUUID();
    const token = await encodeSessionToken(sid);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 14 * DAY_MS - 60_000 });
    expect(await decodeSessionToken(token)).toBe(sid);
    vi.setSystemTime(Date.now() + 2 * 60_000);
    expect(await decodeSessionToken(token)).toBeNull();
  });

  test.each([
    ["nothing", async () => undefined],
    ["an empty token", async () => ""],
    ["garbage", async () => "not.a.token"],
    ["a token of another secret", () => encode({ token: { sid: randomUUID() }, secret: makeSecret() })],
    ["a token without a session", () => encode({ token: { sub: randomUUID() }, secret })],
    ["a token whose session is not an id", () => encode({ token: { sid: "' OR true --" }, secret })],
    [
      "an unsigned token",
      async () =>
        `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify({ sid: randomUUID() })).toString("base64url")}.`,
    ],
    [
      "a modified token",
      async () => {
        const token = await encodeSessionToken(randomUUID());
        const parts = token.split(".");
        const sealed = Buffer.from(parts[3] ?? "", "base64url");
        sealed[0] = (sealed[0] ?? 0) ^ 1;
        return [...parts.slice(0, 3), sealed.toString("base64url"), parts[4]].join(".");
      },
    ],
  ])("rejects %s as a session token", async (_, make) => {
    expect(await decodeSessionToken(await make())).toBeNull();
  });
});

describe("S2 NEXTAUTH_SECRET", () => {
  test("verifies tokens of an older secret, so that a new one signs nobody out", async () => {
    const sid = randomUUID();
    const token = await encodeSessionToken(sid);
    Object.assign(env(), { NEXTAUTH_SECRET: [makeSecret(), makeSecret(), secret] });
    expect(await decodeSessionToken(token)).toBe(sid);
  });

  test("rejects session tokens of a removed secret", async () => {
    const token = await encodeSessionToken(randomUUID());
    Object.assign(env(), { NEXTAUTH_SECRET: [makeSecret(), makeSecret()] });
    expect(await decodeSessionToken(token)).toBeNull();
  });

  test("signs session tokens with the first secret", async () => {
    const first = makeSecret();
    Object.assign(env(), { NEXTAUTH_SECRET: [first, secret] });
    const token = await encodeSessionToken(randomUUID());
    Object.assign(env(), { NEXTAUTH_SECRET: [first] });
    expect(await decodeSessionToken(token)).not.toBeNull();
  });
});
