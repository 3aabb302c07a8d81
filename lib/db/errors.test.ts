import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { isUniqueConflict, shapeDatabaseError } from "./errors";

const coded = (code: string, more: object = {}) => Object.assign(new Error("said"), { code, ...more });

/** Wraps a SQLSTATE as Prisma does. */
const wrapped = (originalCode: string) =>
  coded("P2010", { meta: { driverAdapterError: { cause: { originalCode, kind: "postgres" } } } });

describe("shapeDatabaseError", () => {
  test.each([
    ["a statement timeout", "57014"],
    ["a lock timeout", "55P03"],
    ["a deadlock", "40P01"],
    ["a serialization failure", "40001"],
    ["a server shutdown", "57P01"],
    ["a server that is starting", "57P03"],
    ["too many connections", "53300"],
    ["a full disk", "53100"],
    ["an idle transaction timeout", "25P03"],
    ["a broken connection", "08006"],
    ["a refused connection", "ECONNREFUSED"],
    ["a temporary DNS failure", "EAI_AGAIN"],
    ["an unreachable host", "EHOSTUNREACH"],
    ["Prisma's transaction timeout", "P2028"],
    ["Prisma's connection timeout", "P2024"],
    ["Prisma's write conflict", "P2034"],
  ])("returns `unavailable` with a retry time for %s (%s)", (_, code) => {
    for (const error of [coded(code), wrapped(code), new Error("outer", { cause: coded(code) })]) {
      const shaped = shapeDatabaseError(error);
      expect(shaped).toBeInstanceOf(AppError);
      expect(shaped).toMatchObject({ code: "unavailable", status: 503, retryAfterSeconds: 5, cause: error });
    }
  });

  test.each([
    "timeout exceeded when trying to connect",
    "Connection terminated unexpectedly",
    "Connection terminated due to connection timeout",
    "Client has encountered a connection error and is not queryable",
  ])("returns `unavailable` with a retry time for the driver's message %j, which has no code", (message) => {
    expect(shapeDatabaseError(new Error(message))).toMatchObject({ code: "unavailable" });
  });
});

describe("shapeDatabaseError of other errors", () => {
  test.each([
    ["a unique conflict", coded("23505")],
    ["a missing table", coded("42P01")],
    ["insufficient privilege", coded("42501")],
    ["a bug", new TypeError("x is not a function")],
    ["a thrown string", "57014"],
    ["undefined", undefined],
  ])("returns the error unchanged: %s", (_, error) => {
    expect(shapeDatabaseError(error)).toBe(error);
  });

  test("returns an AppError unchanged, whatever its cause", () => {
    const named = new AppError("conflict", "there already", { cause: coded("57014") });
    expect(shapeDatabaseError(named)).toBe(named);
  });

  test("returns an error that is its own cause unchanged", () => {
    const error = coded("23505");
    expect(shapeDatabaseError(Object.assign(error, { cause: error }))).toBe(error);
  });
});

test("isUniqueConflict recognizes the codes of PostgreSQL and Prisma", () => {
  const conflicts = [
    coded("23505"),
    coded("P2002"),
    wrapped("23505"),
    new Error("x", { cause: coded("23505") }),
  ];
  expect(conflicts.map(isUniqueConflict)).toEqual([true, true, true, true]);
  expect([coded("23503"), coded("P2003"), new Error("23505")].map(isUniqueConflict)).toEqual([
    false,
    false,
    false,
  ]);
});
