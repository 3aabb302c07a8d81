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

describe("S1 the session's token", () => {
  test("carries the id of a session and nothing that decides anything", async () => {
    const sid = randomUUID();
    const claims = await decode({ token: await encodeSessionToken(sid), secret });
    expect(claims).toEqual({
      sid,
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.any(String),
    });
  });

  test("names the session that it was made for", async () => {
    const sid = randomUUID();
    expect(await decodeSessionToken(await encodeSessionToken(sid))).toBe(sid);
  });

  test("runs out after the days that are configured, whatever becomes of its row", async () => {
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
    ["an empty one", async () => ""],
    ["garbage", async () => "not.a.token"],
    ["one of somebody else's secret", () => encode({ token: { sid: randomUUID() }, secret: makeSecret() })],
    ["one without a session", () => encode({ token: { sub: randomUUID() }, secret })],
    ["one whose session is no id", () => encode({ token: { sid: "' OR true --" }, secret })],
    [
      "an unsigned one",
      async () =>
        `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify({ sid: randomUUID() })).toString("base64url")}.`,
    ],
    [
      "one that was changed on its way",
      async () => {
        const token = await encodeSessionToken(randomUUID());
        const parts = token.split(".");
        const sealed = Buffer.from(parts[3] ?? "", "base64url");
        sealed[0] = (sealed[0] ?? 0) ^ 1;
        return [...parts.slice(0, 3), sealed.toString("base64url"), parts[4]].join(".");
      },
    ],
  ])("is worth nothing when it is %s", async (_, make) => {
    expect(await decodeSessionToken(await make())).toBeNull();
  });
});

describe("S2 the list of secrets", () => {
  test("opens what an older one made, so that a new one signs nobody out", async () => {
    const sid = randomUUID();
    const token = await encodeSessionToken(sid);
    Object.assign(env(), { NEXTAUTH_SECRET: [makeSecret(), makeSecret(), secret] });
    expect(await decodeSessionToken(token)).toBe(sid);
  });

  test("opens nothing of one that was taken off it", async () => {
    const token = await encodeSessionToken(randomUUID());
    Object.assign(env(), { NEXTAUTH_SECRET: [makeSecret(), makeSecret()] });
    expect(await decodeSessionToken(token)).toBeNull();
  });

  test("makes tokens with its first", async () => {
    const first = makeSecret();
    Object.assign(env(), { NEXTAUTH_SECRET: [first, secret] });
    const token = await encodeSessionToken(randomUUID());
    Object.assign(env(), { NEXTAUTH_SECRET: [first] });
    expect(await decodeSessionToken(token)).not.toBeNull();
  });
});
