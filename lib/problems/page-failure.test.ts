import { notFound } from "next/navigation";
import { describe, expect, test } from "vitest";
import { AppError, ERROR_STATUS, type ErrorCode } from "@/lib/errors";
import { testEnvironment } from "@/lib/testing/environment";
import { readFailure } from "./page-failure";

Object.assign(process.env, testEnvironment(), { DATABASE_URL: "postgres://localhost/none_test" });

describe("what a page's own script learns of what was thrown", () => {
  test.each(Object.keys(ERROR_STATUS) as ErrorCode[])(
    "S21 is the status and the code of %s, no message",
    async (code) => {
      const answer = readFailure(new AppError(code, "s3cret of the log"));
      expect(answer.status).toBe(ERROR_STATUS[code]);
      expect(await answer.json()).toEqual({ code });
    },
  );

  test("S21 is nothing but that it failed when it was no failure with a name", async () => {
    const answer = readFailure(Object.assign(new Error("s3cret"), { code: "s3cret", status: 200 }));
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ code: "internal" });
  });

  test("S19 is kept by nobody", () => {
    for (const thrown of [new AppError("not_found", "x"), new Error("x")]) {
      const { headers } = readFailure(thrown);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("vary")).toMatch(/\bcookie\b/);
    }
  });

  test("says in seconds how long to wait", () => {
    const { headers } = readFailure(new AppError("unavailable", "x", { retryAfterSeconds: 5 }));
    expect(headers.get("retry-after")).toBe("5");
  });

  test("leaves alone what Next throws to lead elsewhere", () => {
    let thrown: unknown;
    try {
      notFound();
    } catch (error) {
      thrown = error;
    }
    expect(() => readFailure(thrown)).toThrow(thrown);
  });
});
