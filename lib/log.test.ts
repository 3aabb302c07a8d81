import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { Redacted } from "@/lib/redacted";
import { testEnvironment } from "@/lib/testing/environment";

Object.assign(process.env, testEnvironment(), {
  DATABASE_URL: "postgres://localhost/none_test",
  LOG_LEVEL: "info",
});

// The logger writes to standard output; here it writes into this list, with all its own options.
const written = vi.hoisted((): string[] => []);
vi.mock("pino", async (importOriginal) => {
  const { default: pino } = await importOriginal<typeof import("pino")>();
  const toList = (options: object) => pino(options, { write: (text: string) => written.push(text) });
  return { default: Object.assign(toList, pino) };
});

afterAll(() => vi.doUnmock("pino"));

beforeEach(() => {
  written.length = 0;
});

/** What was written, which has to be one line. */
function line(): string {
  expect(written).toHaveLength(1);
  const [text = ""] = written;
  expect(text).toMatch(/^[^\n\r]*\n$/);
  return text;
}
const entry = () => JSON.parse(line()) as Record<string, unknown>;

const SECRET = "s3cret-s3cret";

describe("S22 a line of the log", () => {
  test("is one JSON object with its level, time, place and message", () => {
    log.info("ready", { port: 3000 });
    expect(entry()).toEqual({
      level: "info",
      time: expect.any(String),
      pid: process.pid,
      port: 3000,
      msg: "ready",
    });
  });

  test("is written from the configured level on", () => {
    log.debug("too much");
    expect(written).toEqual([]);
  });

  test("stays one line whatever comes from outside", () => {
    const hostile = 'a\nb\r\n{"level":"fatal"}\u001b[2J\u0000';
    log.warn("odd", { value: hostile, error: new Error(hostile) });
    expect(line()).not.toContain("\u001b");
    expect(entry()).toMatchObject({ value: hostile, error: { message: hostile } });
  });

  test("is cut where a value is long: at 1,000 characters", () => {
    const long = "x".repeat(5_000);
    log.warn("long", { value: long, error: Object.assign(new Error(long), { code: long }) });
    const cut = `${"x".repeat(1_000)}…`;
    expect(entry()).toMatchObject({ value: cut, error: { message: cut, code: cut } });
  });

  test("is cut where a value lies deeper, and where a message has several lines", () => {
    const long = "x".repeat(5_000);
    log.warn("long", { answer: { body: [long] }, error: new Error(`first\n${long}`, { cause: long }) });
    const runs = [...line().matchAll(/x+/g)].map(([run]) => run.length);
    expect(Math.max(...runs)).toBeLessThanOrEqual(1_000);
  });
});

describe("S22 an error in the log", () => {
  test("has its name, message, code and place, and those of its causes", () => {
    const cause = Object.assign(new TypeError("refused"), { code: "ECONNREFUSED" });
    log.error("failed", { error: new AppError("unavailable", "no answer", { cause }) });
    expect(entry()).toMatchObject({
      error: {
        name: "AppError",
        message: "no answer",
        code: "unavailable",
        stack: expect.stringMatching(/^ {4}at /),
        cause: { name: "TypeError", message: "refused", code: "ECONNREFUSED" },
      },
    });
  });

  test("has none of its other properties: libraries hang requests and parameters on them", () => {
    const extra = {
      config: { headers: { "x-any": SECRET } },
      parameters: [SECRET],
      response: SECRET,
      code: 7,
    };
    const cause = Object.assign(new Error("below"), extra);
    log.error("failed", { error: Object.assign(new Error("above", { cause }), extra) });
    expect(line()).not.toContain(SECRET);
    expect(Object.keys(entry().error as object)).toEqual(["name", "message", "stack", "cause"]);
  });

  test("ends after a few causes, a circle of them too", () => {
    const error = new Error("round");
    error.cause = error;
    log.error("failed", { error });
    expect(line().split("round").length).toBeLessThan(10);
  });

  test("may be anything that can be thrown", () => {
    for (const thrown of ["text", undefined, null, 7, { token: SECRET }]) {
      written.length = 0;
      log.error("failed", { error: thrown });
      expect(line()).not.toContain(SECRET);
    }
  });

  test("has none of its other properties under another name than error either", () => {
    const error = Object.assign(new Error("below"), { parameters: [SECRET] });
    log.warn("failed", { reason: error, deeper: { reason: error } });
    expect(line()).not.toContain(SECRET);
  });
});

describe("S22 a secret in the log", () => {
  const NAMES = ["password", "appSecret", "accessToken", "token", "secret", "cookie", "authorization"];

  test.each(NAMES)("isn't there under the name %s, nor one level below", (name) => {
    log.warn("careless", { [name]: SECRET, headers: { [name]: SECRET } });
    expect(line()).not.toContain(SECRET);
    expect(entry()).toMatchObject({ [name]: "[redacted]", headers: { [name]: "[redacted]" } });
  });

  test("isn't there when it has the type of one, wherever it lies", () => {
    const secret = new Redacted(SECRET);
    log.warn("careless", {
      value: secret,
      deep: { deeper: [{ secret }] },
      error: new Error(`of ${String(secret)}`),
    });
    expect(line()).not.toContain(SECRET);
  });

  test("isn't there in the query of an address: one is logged as its route, never as it was sent", () => {
    const url = `https://oapi.example/gettoken?appkey=k&appsecret=${SECRET}`;
    const carriers = [
      { url },
      { request: { url } },
      { path: `/set-password?link=${SECRET}` },
      { error: new Error(`GET ${url} failed`) },
      { error: new Error("failed", { cause: new Error(url) }) },
    ];
    for (const fields of carriers) {
      written.length = 0;
      log.warn("careless", fields);
      expect.soft(line().includes(SECRET), Object.keys(fields).join()).toBe(false);
    }
  });
});
