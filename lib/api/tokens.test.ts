import { describe, expect, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import { leaseHeaders } from "./tokens";

const at = new Date("2026-01-01T00:00:00Z");
const lease = { accessToken: new Redacted("token"), expiresAt: at, version: 3, changedAt: at };

describe("headers of a token answer", () => {
  test("marks a token as stale when it comes from memory because the database is unavailable", () => {
    expect(leaseHeaders({ ...lease, isStale: true })).toEqual({ etag: '"3"', "dingkeep-stale": "1" });
  });

  test("does not mark a token from the database as stale", () => {
    expect(leaseHeaders({ ...lease, isStale: false })).toEqual({ etag: '"3"' });
  });
});
