import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigurationError, envSchema, parseEnv } from "./env";

const VALID = {
  DATABASE_URL: "postgres://app@db.example/dingkeep",
  NEXTAUTH_URL: "https://dingkeep.example",
  NEXTAUTH_SECRET: "n".repeat(32),
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString("base64")}`,
};

function complaint(given: Readonly<Record<string, string | undefined>>): string | undefined {
  try {
    parseEnv({ ...VALID, ...given });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
}

describe("configuration", () => {
  test("requires four variables and has defaults for the others", () => {
    expect(parseEnv(VALID)).toEqual({
      ...VALID,
      NEXTAUTH_SECRET: [VALID.NEXTAUTH_SECRET],
      ENCRYPTION_KEYS: [VALID.ENCRYPTION_KEYS],
      DINGTALK_OAPI_URL: "https://oapi.dingtalk.com",
      DINGTALK_API_URL: "https://api.dingtalk.com",
      DINGTALK_QPS: 20,
      DINGTALK_IP_BUDGET: 8_000,
      EGRESS_ADDRESSES: [],
      TRUSTED_PROXIES: [],
      SIGN_UP: "first",
      SYNC_CONCURRENCY: 10,
      PORT: 3000,
      LOG_LEVEL: "info",
      WORKER: "inline",
      ALLOW_HTTP: false,
      SESSION_IDLE_HOURS: 12,
      SESSION_MAX_DAYS: 14,
      MAX_APPS: 10,
      MAX_KEYS: 20,
      STALE_KEY_SECONDS: 600,
      MAX_ENDPOINTS: 20,
      WEBHOOK_ALLOW_PRIVATE: false,
      MAX_DEPARTMENTS: 200_000,
      MAX_MEMBERS: 1_000_000,
    });
  });

  test.each(Object.keys(VALID))(
    "rejects a configuration without %s, with a message that names it",
    (name) => {
      for (const absent of [undefined, ""])
        expect(complaint({ [name]: absent })).toBe(`${name} is missing. See .env.example.`);
    },
  );

  test.each([
    ["DATABASE_URL", "mysql://root:hunter22@db/x"],
    ["DATABASE_URL", "hunter22"],
    ["NEXTAUTH_URL", "ftp://hunter22.example"],
    ["NEXTAUTH_URL", "hunter22"],
    ["NEXTAUTH_SECRET", "hunter22"],
    ["NEXTAUTH_SECRET", `${"x".repeat(32)},hunter22`],
    ["NEXTAUTH_SECRET", ","],
    ["ENCRYPTION_KEYS", "hunter22"],
    ["ENCRYPTION_KEYS", `k1:${Buffer.alloc(31).toString("base64")}`],
    ["ENCRYPTION_KEYS", `k1:${Buffer.alloc(32).toString("base64")},hunter22`],
    ["DINGTALK_API_URL", "javascript:hunter22"],
    ["DINGTALK_QPS", "0"],
    ["DINGTALK_QPS", "hunter22"],
    ["SESSION_IDLE_HOURS", "-12"],
    ["SESSION_MAX_DAYS", "1.5"],
    ["PORT", "65536"],
    ["SIGN_UP", "yes"],
    ["LOG_LEVEL", "loud"],
    ["ALLOW_HTTP", "true"],
    ["WORKER", "on"],
    ["MAX_APPS", "many"],
    ["TRUSTED_PROXIES", "10.0.0.0/8,hunter22"],
    ["TRUSTED_PROXIES", "10.0.0.0/33"],
  ])("rejects a wrong %s, in one sentence that names it and not its value: %s", (name, value) => {
    const said = complaint({ [name]: value });
    expect(said).toMatch(new RegExp(`^${name} is invalid: [^\\n]+\\. See \\.env\\.example\\.$`));
    expect(said).not.toContain("hunter22");
  });

  test("never contains a variable's value in an error message", () => {
    const names = fc.constantFrom(...Object.keys(envSchema.shape));
    const values = fc.string({ minLength: 8, unit: fc.constantFrom(...Array.from("QXZ0:/,=@ ")) });
    fc.assert(
      fc.property(names, values, (name, value) => {
        fc.pre(value.trim().length >= 8);
        const said = complaint({ [name]: value });
        if (said !== undefined) expect(said).not.toContain(value.trim());
      }),
    );
  });
});

describe("S2 address of Dingkeep", () => {
  test.each([
    "http://dingkeep.example",
    "http://10.0.0.1:3000",
    "http://0.0.0.0:3000",
    "http://localhost.evil.example",
    "http://127.0.0.1.nip.example",
    "http://[::2]:3000",
    "http://[::ffff:10.0.0.1]:3000",
  ])("refuses %s unless ALLOW_HTTP is set, because passwords would be sent unencrypted", (address) => {
    expect(complaint({ NEXTAUTH_URL: address })).toMatch(/^NEXTAUTH_URL uses http .* set ALLOW_HTTP=1\.$/);
    expect(complaint({ NEXTAUTH_URL: address, ALLOW_HTTP: "0" })).toBeDefined();
    expect(complaint({ NEXTAUTH_URL: address, ALLOW_HTTP: "1" })).toBeUndefined();
  });

  test.each(["http://localhost:3000", "http://127.0.0.1:3000", "http://127.1.2.3", "http://[::1]:3000"])(
    "accepts %s without https, because it is this machine",
    (address) => {
      expect(complaint({ NEXTAUTH_URL: address })).toBeUndefined();
    },
  );
});

describe("S2 NEXTAUTH_SECRET", () => {
  test("accepts a list of secrets and keeps their order", () => {
    const [a, b] = ["a".repeat(32), "b".repeat(40)];
    expect(parseEnv({ ...VALID, NEXTAUTH_SECRET: ` ${a} ,${b},` }).NEXTAUTH_SECRET).toEqual([a, b]);
  });
});

describe(".env.example", () => {
  const given = [...readFileSync(".env.example", "utf8").matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)];

  test(".env.example lists every variable and no other", () => {
    expect(given.map(([, name]) => name).sort()).toEqual(Object.keys(envSchema.shape).sort());
  });

  test("contains valid values, equal to the defaults where there are some", () => {
    const values = Object.fromEntries(given.map(([, name, value]) => [name, value]));
    expect(parseEnv({ ...values, ...VALID })).toEqual(parseEnv(VALID));
  });
});
