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

/** Returns the written text, which must be one line. */
function line(): string {
  expect(written).toHaveLength(1);
  const [text = ""] = written;
  expect(text).toMatch(/^[^\n\r]*\n$/);
  return text;
}
const entry = () => JSON.parse(line()) as Record<string, unknown>;

const SECRET = "s3cret-s3cret";

describe("S22 log lines", () => {
  test("a log line is a JSON object with level, time, stack and message", () => {
    log.info("ready", { port: 3000 });
    expect(entry()).toEqual({
      level: "info",
      time: expect.any(String),
      pid: process.pid,
      port: 3000,
      msg: "ready",
    });
  });

  test("writes log lines at the configured level and above", () => {
    log.debug("too much");
    expect(written).toEqual([]);
  });

  test("a log line stays one line for any outside value", () => {
    const hostile = 'a\nb\r\n{"level":"fatal"}\u001b[2J\u0000';
    log.warn("odd", { value: hostile, error: new Error(hostile) });
    expect(line()).not.toContain("\u001b");
    expect(entry()).toMatchObject({ value: hostile, error: { message: hostile } });
  });

  test("cuts a logged value after 1,000 characters", () => {
    const long = "x".repeat(5_000);
    log.warn("long", { value: long, error: Object.assign(new Error(long), { code: long }) });
    const cut = `${"x".repeat(1_000)}…`;
    expect(entry()).toMatchObject({ value: cut, error: { message: cut, code: cut } });
  });

  test("cuts nested values and messages with several lines", () => {
    const long = "x".repeat(5_000);
    log.warn("long", { answer: { body: [long] }, error: new Error(`first\n${long}`, { cause: long }) });
    const runs = [...line().matchAll(/x+/g)].map(([run]) => run.length);
    expect(Math.max(...runs)).toBeLessThanOrEqual(1_000);
  });
});

describe("S22 errors in the log", () => {
  test("logs name, message, code and stack of an error and its causes", () => {
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

  test("omits other properties of an error, in which libraries store requests and parameters", () => {
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

  test("stops after a few causes of an error, also in a cycle", () => {
    const error = new Error("round");
    error.cause = error;
    log.error("failed", { error });
    expect(line().split("round").length).toBeLessThan(10);
  });

  test("logs any thrown value", () => {
    for (const thrown of ["text", undefined, null, 7, { token: SECRET }]) {
      written.length = 0;
      log.error("failed", { error: thrown });
      expect(line()).not.toContain(SECRET);
    }
  });

  test("omits other properties of an error under any field name", () => {
    const error = Object.assign(new Error("below"), { parameters: [SECRET] });
    log.warn("failed", { reason: error, deeper: { reason: error } });
    expect(line()).not.toContain(SECRET);
  });
});

describe("S22 secrets in the log", () => {
  const NAMES = ["password", "appSecret", "accessToken", "token", "secret", "cookie", "authorization"];

  test.each(NAMES)("redacts a secret under the name %s, also one level below", (name) => {
    log.warn("careless", { [name]: SECRET, headers: { [name]: SECRET } });
    expect(line()).not.toContain(SECRET);
    expect(entry()).toMatchObject({ [name]: "[redacted]", headers: { [name]: "[redacted]" } });
  });

  test("redacts a secret at any depth if it is a Redacted", () => {
    const secret = new Redacted(SECRET);
    log.warn("careless", {
      value: secret,
      deep: { deeper: [{ secret }] },
      error: new Error(`of ${String(secret)}`),
    });
    expect(line()).not.toContain(SECRET);
  });

  test("does not log a secret in the query of an address", () => {
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
