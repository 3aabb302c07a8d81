import { notFound } from "next/navigation";
import { describe, expect, test } from "vitest";
import { AppError, ERROR_STATUS, type ErrorCode } from "@/lib/errors";
import { testEnvironment } from "@/lib/testing/environment";
import { readFailure } from "./page-failure";

Object.assign(process.env, testEnvironment(), { DATABASE_URL: "postgres://localhost/none_test" });

describe("readFailure", () => {
  test.each(Object.keys(ERROR_STATUS) as ErrorCode[])(
    "S21 returns the status and the code of %s, and no message",
    async (code) => {
      const answer = readFailure(new AppError(code, "s3cret of the log"));
      expect(answer.status).toBe(ERROR_STATUS[code]);
      expect(await answer.json()).toEqual({ code });
    },
  );

  test("S21 returns only the code internal for an unexpected error", async () => {
    const answer = readFailure(Object.assign(new Error("s3cret"), { code: "s3cret", status: 200 }));
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ code: "internal" });
  });

  test("S19 forbids caching of a failed read", () => {
    for (const thrown of [new AppError("not_found", "x"), new Error("x")]) {
      const { headers } = readFailure(thrown);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("vary")).toMatch(/\bcookie\b/);
    }
  });

  test("returns the time to wait in seconds", () => {
    const { headers } = readFailure(new AppError("unavailable", "x", { retryAfterSeconds: 5 }));
    expect(headers.get("retry-after")).toBe("5");
  });

  test("rethrows the redirects and 404s of Next", () => {
    let thrown: unknown;
    try {
      notFound();
    } catch (error) {
      thrown = error;
    }
    expect(() => readFailure(thrown)).toThrow(thrown);
  });
});
