import { format, inspect } from "node:util";
import { expect, test } from "vitest";
import { Redacted } from "./redacted";

test("S21 only reveal returns the secret", () => {
  const secret = new Redacted("s3cret");
  expect(secret.reveal()).toBe("s3cret");
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: null }),
    format("%s %o %j", secret, secret, secret),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(Object.assign({}, secret)),
    String(Object.getOwnPropertyNames(secret)),
  ];
  expect(shown.filter((text) => text.includes("s3cret"))).toEqual([]);
  expect(shown[0]).toBe("[redacted]");
});
