import { describe, expect, test } from "vitest";
import { DINGTALK_ERROR_KINDS } from "@/lib/dingtalk/error-kinds";
import { CREDENTIALS_REFUSED, failureClassOf, nextProbeAt } from "./failure-class";

const NOW = Date.UTC(2026, 0, 5, 1, 0, 0);
const MINUTE = 60_000;

const kindsOf = (failureClass: string) =>
  DINGTALK_ERROR_KINDS.filter((kind) => failureClassOf({ kind }) === failureClass);

test("only a refused secret makes an app wait for a person", () => {
  const kinds = ["credentials_refused", "client_refused", "suite_credentials_refused"];
  expect(kindsOf("credentials")).toEqual(kinds);
  expect(CREDENTIALS_REFUSED).toEqual(kinds);
});

test("an app that is broken for other reasons is retried automatically", () => {
  expect(kindsOf("broken")).toEqual(["corp_id_wrong", "corp_mismatch", "token_refused_again"]);
});

test("causes that an administrator fixes at DingTalk are external", () => {
  expect(kindsOf("external")).toEqual([
    "organization_unauthorized",
    "needs_authorization",
    "missing_permission",
    "ip_not_allowed",
    "app_disabled",
    "corp_disabled",
    "api_disabled",
    "authorization_withdrawn",
  ]);
});

test("causes that the operator fixes are transient, so that no tenant's app waits for a person", () => {
  for (const kind of ["throttled", "ip_banned", "tls_failed", "host_unresolved", "wrong_host"] as const) {
    expect(failureClassOf({ kind })).toBe("transient");
  }
});

describe("nextProbeAt", () => {
  test("probes a broken app after pauses that grow from a minute to an hour", () => {
    const pauses: number[] = [];
    let at = new Date(NOW);
    for (let probes = 0; probes < 10; probes += 1) {
      const next = nextProbeAt("broken", probes === 0 ? null : new Date(NOW), at);
      pauses.push((next.getTime() - at.getTime()) / MINUTE);
      at = next;
    }
    expect(pauses).toEqual([1, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test("probes every ten minutes after a cause that is fixed at DingTalk", () => {
    expect(nextProbeAt("external", new Date(NOW - 600 * MINUTE), new Date(NOW))).toEqual(
      new Date(NOW + 10 * MINUTE),
    );
  });
});
