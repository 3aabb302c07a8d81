import { expect, test } from "vitest";
import { DINGTALK_ERROR_KINDS } from "@/lib/dingtalk/error-kinds";
import { failureClassOf, SECRET_REFUSED } from "./failure-class";

const kindsOf = (failureClass: string) =>
  DINGTALK_ERROR_KINDS.filter((kind) => failureClassOf({ kind }) === failureClass);

test("only a refused secret makes an app wait for a person", () => {
  const kinds = ["credentials_refused", "client_refused", "suite_credentials_refused"];
  expect(kindsOf("secret")).toEqual(kinds);
  expect(SECRET_REFUSED).toEqual(kinds);
});

test("an app that is broken otherwise is tried again by itself", () => {
  expect(kindsOf("broken")).toEqual(["corp_id_wrong", "corp_mismatch", "token_refused_again"]);
});

test("what an administrator mends at DingTalk is looked at again, since nobody tells us", () => {
  expect(kindsOf("elsewhere")).toEqual([
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

test("what is the operator's passes: it leaves no tenant's app waiting for somebody", () => {
  for (const kind of ["throttled", "ip_banned", "tls_failed", "host_unresolved", "wrong_host"] as const) {
    expect(failureClassOf({ kind })).toBe("passing");
  }
});
