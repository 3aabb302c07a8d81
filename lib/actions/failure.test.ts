import { notFound, redirect } from "next/navigation";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AppError, ERROR_STATUS, type ErrorCode } from "@/lib/errors";
import { testEnvironment } from "@/lib/testing/environment";
import { failureOf, invalidFields } from "./failure";

Object.assign(process.env, testEnvironment(), { DATABASE_URL: "postgres://localhost/none_test" });

describe("S21 failureOf", () => {
  test.each(Object.keys(ERROR_STATUS) as ErrorCode[])(
    "returns the code %s without the internal message",
    (code) => {
      const failure = failureOf(new AppError(code, "s3cret of the log", { cause: new Error("s3cret") }));
      expect(failure).toMatchObject({ status: "failed", message: { key: `error.${code}` } });
      expect(JSON.stringify(failure)).not.toContain("s3cret");
    },
  );

  test.each([
    ["an error", new Error("s3cret")],
    ["text", "s3cret"],
    ["nothing", undefined],
    ["an error of another kind with the same fields", { code: "s3cret", retryAfterSeconds: 5, status: 404 }],
  ])("returns only that the action failed for %s", (_, thrown) => {
    expect(failureOf(thrown)).toEqual({ status: "failed", message: { key: "error.internal" } });
  });

  test("returns the time to wait in whole minutes", () => {
    const after = (retryAfterSeconds: number) =>
      failureOf(new AppError("rate_limited", "x", { retryAfterSeconds })).message.values;
    expect([after(1), after(60), after(61)]).toEqual([{ minutes: 1 }, { minutes: 1 }, { minutes: 2 }]);
  });

  test("asks for the password only when a failure requires it", () => {
    expect(failureOf(new AppError("password_needed", "x"))).toHaveProperty("needsPassword", true);
    expect(failureOf(new AppError("unauthenticated", "x"))).not.toHaveProperty("needsPassword");
  });

  test("rethrows the redirects and 404s of Next", () => {
    for (const lead of [() => redirect("/elsewhere"), () => notFound()]) {
      let thrown: unknown;
      try {
        lead();
      } catch (error) {
        thrown = error;
      }
      expect(() => failureOf(thrown)).toThrow(thrown);
    }
  });
});

describe("fieldErrorsOf", () => {
  test("returns the first key of each field and none of zod's own sentences", () => {
    const { error } = z
      .object({ name: z.string().min(3, "tooShort").regex(/^x/, "noX"), age: z.number() })
      .safeParse({ name: "", age: "s3cret" });
    expect(error && invalidFields(error)).toEqual({
      status: "failed",
      message: { key: "validation.form" },
      fieldErrors: { name: { key: "validation.tooShort" }, age: { key: "validation.invalid" } },
    });
  });
});
