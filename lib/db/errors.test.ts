import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { isUniqueConflict, shapeDatabaseError } from "./errors";

const coded = (code: string, more: object = {}) => Object.assign(new Error("said"), { code, ...more });

/** As Prisma wraps what its adapter was told. */
const wrapped = (originalCode: string) =>
  coded("P2010", { meta: { driverAdapterError: { cause: { originalCode, kind: "postgres" } } } });

describe("what a later try may cure is unavailable, with a time to wait", () => {
  test.each([
    ["a statement that took too long", "57014"],
    ["a lock that was not had in time", "55P03"],
    ["two that waited for each other", "40P01"],
    ["two that changed the same", "40001"],
    ["a server that shuts down", "57P01"],
    ["a server that starts up", "57P03"],
    ["too many connections", "53300"],
    ["a full disk", "53100"],
    ["a transaction that idled", "25P03"],
    ["a broken connection", "08006"],
    ["nobody listening", "ECONNREFUSED"],
    ["no such host now", "EAI_AGAIN"],
    ["no way to the host", "EHOSTUNREACH"],
    ["Prisma's own time limit", "P2028"],
    ["Prisma's waiting for a connection", "P2024"],
    ["Prisma's write conflict", "P2034"],
  ])("%s (%s)", (_, code) => {
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
  ])("the driver's %j, which has no code", (message) => {
    expect(shapeDatabaseError(new Error(message))).toMatchObject({ code: "unavailable" });
  });
});

describe("what is nobody's weather stays what it was", () => {
  test.each([
    ["a unique conflict", coded("23505")],
    ["a missing table", coded("42P01")],
    ["a refused right", coded("42501")],
    ["a bug", new TypeError("x is not a function")],
    ["something thrown that is no error", "57014"],
    ["nothing", undefined],
  ])("%s", (_, error) => {
    expect(shapeDatabaseError(error)).toBe(error);
  });

  test("a failure that has its name already, whatever caused it", () => {
    const named = new AppError("conflict", "there already", { cause: coded("57014") });
    expect(shapeDatabaseError(named)).toBe(named);
  });

  test("an error that holds itself", () => {
    const error = coded("23505");
    expect(shapeDatabaseError(Object.assign(error, { cause: error }))).toBe(error);
  });
});

test("a unique conflict is told from others, as PostgreSQL says it and as Prisma does", () => {
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
