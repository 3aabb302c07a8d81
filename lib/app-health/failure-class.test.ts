import { expect, test } from "vitest";
import { DINGTALK_ERROR_KINDS } from "@/lib/dingtalk/error-kinds";
import { CREDENTIALS_REFUSED, failureClassOf } from "./failure-class";

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
